"""The analysis that the test sends as code: `path` and `gate` are set before it."""

import os
import time

import pandas as pd

table = pd.read_csv(path, parse_dates=["date"])  # noqa: F821
print(f"read {len(table)} rows")
while not os.path.exists(gate):  # noqa: F821
    time.sleep(0.002)

table["cents"] = (table["amount"] * 100).round().astype("int64")
cities = {}
for name, sales in table.groupby("city"):
    cities[name] = {
        "count": len(sales),
        "sum": int(sales["cents"].sum()),
        "mean": float(sales["cents"].mean()),
        "quantiles": [float(q) for q in sales["cents"].quantile([0.1, 0.5, 0.9])],
        "pieces": int(sales["pieces"].sum()),
    }
    print(f"{name}: {len(sales)}")

per_day = table.groupby("date")["cents"].sum().asfreq("D", fill_value=0)
largest = table.sort_values("cents", ascending=False, kind="stable").head(5)
print("done")
{
    "rows": len(table),
    "totalCents": int(table["cents"].sum()),
    "cities": cities,
    "lastWeeks": [float(mean) for mean in per_day.rolling(7).mean().tail(10)],
    "largest": [int(row) for row in largest.index],
    "correlation": float(table["cents"].corr(table["pieces"])),
}
