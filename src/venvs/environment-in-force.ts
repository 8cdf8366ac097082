/** An environment as a session needs it: which one, and the interpreter to start. */
export interface EnvironmentInForce {
  /** The name, or the path of one that is not ours. */
  readonly name: string;
  /** Raised by every change; 0 for an environment that is not ours. */
  readonly generation: number;
  /** The interpreter in the generation's own folder, so that a later change never reaches what runs on it. */
  readonly pythonPath: string;
  /** The folder that callers are told, the same for every generation. */
  readonly path: string;
  /** The mark of the interpreter when it was made; undefined where nothing tells. */
  readonly interpreter?: string | undefined;
}
