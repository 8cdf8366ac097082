// Programs to begin with. Each stands alone and needs no package, but for the one that says so.

export const examples = [
  {
    name: 'Live output',
    code: `import sys, time

for step in range(1, 11):
    print(f"step {step} of 10")
    print(f"\\r{'█' * step}{'░' * (10 - step)} {step * 10:3} %", end="", file=sys.stderr)
    if step < 10:
        print(file=sys.stderr)
    time.sleep(0.3)

{"steps": step, "python": sys.version.split()[0]}
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


class Spiral:
    """Whatever has a _repr_svg_ is shown as a drawing."""

    def __init__(self, turns, points=900):
        self.turns, self.points = turns, points

    def _repr_svg_(self):
        dots = []
        for i in range(self.points):
            angle = i * math.pi * (3 - math.sqrt(5))
            radius = 190 * math.sqrt(i / self.points)
            x, y = 200 + radius * math.cos(angle), 200 + radius * math.sin(angle)
            hue = 200 + 140 * i / self.points
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="hsl({hue:.0f} 75% 55%)"/>')
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">'
            + "".join(dots)
            + "</svg>"
        )


Spiral(turns=13)
`,
  },
  {
    name: 'A figure with matplotlib',
    code: `import sys

try:
    import matplotlib.pyplot as plt
except ModuleNotFoundError:
    print("matplotlib is not installed in this environment.", file=sys.stderr)
    print("Start the gateway with  --venv <folder of an environment that has it>,", file=sys.stderr)
    print("or install it with  {0} -m pip install matplotlib".format(sys.executable), file=sys.stderr)
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

beats = 0
while True:  # press Stop: what was counted is still there afterwards
    beats += 1
    print("beat", beats)
    time.sleep(0.5)
`,
  },
];
