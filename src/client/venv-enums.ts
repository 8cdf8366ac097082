/** The words of the contract's enums of environments, as they are written on a command line. */

import { CheckLevel, ExportFormat, VenvState } from '../gen/es/beep/python/v1/venv_pb.ts';
import { nameOf } from './names.ts';

/** How thoroughly an environment can be looked at. */
export const checkLevels = {
  interpreter: CheckLevel.INTERPRETER,
  dependencies: CheckLevel.DEPENDENCIES,
  files: CheckLevel.FILES,
  imports: CheckLevel.IMPORTS,
} as const;

/** The forms in which an environment can be written down. */
export const exportFormats = {
  requirements: ExportFormat.REQUIREMENTS,
  pylock: ExportFormat.PYLOCK,
} as const;

/** `ready`, `broken`, `building`. */
export function venvStateName(state: VenvState): string {
  return nameOf(VenvState, state)?.toLowerCase() ?? 'unknown';
}
