/** Environment markers of PEP 508: written as text, and answered for one interpreter. */
import type { EnvironmentMarker } from 'pip-requirements-js';
import type { RequirementLibraries } from './requirement-libraries.ts';

/** Values of the variables, such as `python_version`. */
export type MarkerValues = Readonly<Record<string, string>>;

/** A marker as text, with brackets where they are needed. */
export function writeMarker(marker: EnvironmentMarker): string {
  if (marker.operator !== 'and' && marker.operator !== 'or') return `${marker.left} ${marker.operator} ${marker.right}`;
  const { operator } = marker;
  const [left, right] = [marker.left, marker.right].map((side) => {
    const text = writeMarker(side as EnvironmentMarker);
    return operator === 'and' && (side as EnvironmentMarker).operator === 'or' ? `(${text})` : text;
  });
  return `${left} ${operator} ${right}`;
}

/** Whether a marker holds; a variable that has no value counts as empty. */
export function markerHolds(marker: EnvironmentMarker, values: MarkerValues, libraries: RequirementLibraries): boolean {
  if (marker.operator === 'and' || marker.operator === 'or') {
    const left = markerHolds(marker.left as EnvironmentMarker, values, libraries);
    if (marker.operator === 'and' ? !left : left) return left;
    return markerHolds(marker.right as EnvironmentMarker, values, libraries);
  }
  const [left, right] = [valueOfSide(marker.left as string, values), valueOfSide(marker.right as string, values)];
  if (marker.operator === 'in') return right.includes(left);
  if (marker.operator === 'not in') return !right.includes(left);
  const specifier = `${marker.operator}${right}`;
  if (libraries.isVersion(left) && libraries.isSpecifier(specifier)) return libraries.satisfies(left, specifier);
  if (marker.operator === '==' || marker.operator === '===') return left === right;
  if (marker.operator === '!=') return left !== right;
  if (marker.operator === '<' || marker.operator === '<=')
    return left < right || (marker.operator === '<=' && left === right);
  return left > right || (marker.operator === '>=' && left === right);
}

function valueOfSide(side: string, values: MarkerValues): string {
  return /^["']/.test(side) ? side.slice(1, -1) : (values[side] ?? '');
}
