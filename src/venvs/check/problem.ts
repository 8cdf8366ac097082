/** One thing that is wrong with an environment. */
export interface EnvironmentProblem {
  /** Package, file or module. */
  readonly subject: string;
  /** What is wrong with it, and how to repair it. */
  readonly message: string;
}
