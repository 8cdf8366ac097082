// Programs to begin with. Each stands alone and needs no package, but for the one that says so.

export const examples = [
  {
    name: 'Live output',
    code: `import sys, time

for word in "output appears while the code runs".split():
    print(word)
    time.sleep(0.2)

for percent in range(0, 101, 4):
    bar = "█" * (percent // 4)
    print(f"\\r{bar:░<25} {percent} %", end="")
    time.sleep(0.06)

print("\\nstderr looks like this", file=sys.stderr)

{"python": sys.version.split()[0], "percent": percent}
`,
  },
  {
    name: 'Variables stay',
    code: `# Run this several times: the session keeps its variables.
runs = globals().get("runs", 0) + 1
print(f"run {runs} in this session")
runs
`,
  },
  {
    name: 'A figure without any package',
    code: `import math


class Sunflower:
    """Whatever has a _repr_svg_ is shown as a drawing."""

    def __init__(self, seeds):
        self.seeds = seeds

    def _repr_svg_(self):
        dots = []
        for i in range(self.seeds):
            angle = i * math.pi * (3 - math.sqrt(5))
            radius = 190 * math.sqrt(i / self.seeds)
            x = 200 + radius * math.cos(angle)
            y = 200 + radius * math.sin(angle)
            color = f"hsl({200 + 140 * i / self.seeds:.0f} 75% 55%)"
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{color}"/>')
        return f'<svg width="400" height="400">{"".join(dots)}</svg>'


Sunflower(seeds=900)
`,
  },
  {
    name: 'A figure with matplotlib',
    code: `try:
    import matplotlib.pyplot as plt
except ModuleNotFoundError:
    print("matplotlib is not in this environment. Make one that has it:")
    print("  python3 -m venv ~/plots")
    print("  ~/plots/bin/pip install matplotlib")
    print("and start the gateway in it:  npm start -- --venv ~/plots")
else:
    xs = [x / 50 for x in range(500)]
    plt.figure(figsize=(6, 3.2))
    plt.plot(xs, [x * x % 7 for x in xs])
    plt.title("x² mod 7")
    plt.show()
`,
  },
  {
    name: 'An error',
    code: `def average(values):
    return sum(values) / len(values)


print("an average:", average([1, 2, 3]))
print("and of nothing:", average([]))
`,
  },
  {
    name: 'An endless loop, to stop',
    code: `import time

# Press Stop; then run \`beats\` alone: the variables are still there.
beats = 0
while True:
    beats += 1
    print("beat", beats)
    time.sleep(0.5)
`,
  },
];
