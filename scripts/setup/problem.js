/** What keeps the set-up from going on: one plain sentence for the person at the keyboard. */
export class SetupProblem extends Error {}

/** There is no Python that will do, and nobody has named one: one can be had. */
export class PythonMissing extends SetupProblem {}
