/** What keeps the set-up from going on: one plain sentence for the person at the keyboard. */
export class SetupProblem extends Error {}
