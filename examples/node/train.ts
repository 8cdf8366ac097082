// Trains a classifier in Python, shows how it comes along, keeps the figure, and uses the model from here.
// Usage: train.ts <environment with scikit-learn and matplotlib> <file for the figure>
import { writeFile } from 'node:fs/promises';
import { connect } from 'beep-python/client';

const [venv, figure = 'training.png'] = process.argv.slice(2);

const training = `
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

digits = load_digits()
known, unseen, known_labels, unseen_labels = train_test_split(digits.data / 16, digits.target, random_state=0)
model = SGDClassifier(loss="log_loss", random_state=0)
scores = []
for epoch in range(10):
    model.partial_fit(known, known_labels, classes=range(10))
    scores.append(model.score(unseen, unseen_labels))
    print(f"epoch {epoch + 1}: {scores[-1]:.1%} of the unseen digits are right", flush=True)
figure, axes = plt.subplots()
axes.plot(range(1, 11), scores)
axes.set(xlabel="epoch", ylabel="unseen digits that are right")
print("trained")
`;

await using python = await connect();
await using session = await python.createSession({ venv, preload: ['sklearn'] });

for await (const event of session.execute(training, { timeoutMs: 120_000 })) {
  if (event.type === 'stdout') process.stdout.write(event.text);
  if (event.type === 'error') throw event.error;
  const png = event.type === 'display' ? event.data['image/png'] : undefined;
  if (png instanceof Uint8Array) {
    await writeFile(figure, png);
    console.log(`the figure is in ${figure}`);
  }
}

// The model stays in its session; one trip takes three digits there and brings back what they are.
const digits = await session.evaluate('unseen[:3]');
await using model = await session.get('model').$handle();
console.log('predicted:', await model.predict(digits).tolist());
console.log('really:   ', await session.evaluate('unseen_labels[:3].tolist()'));
