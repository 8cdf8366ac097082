/** Environment markers of PEP 508. */
import type { EnvironmentMarker } from 'pip-requirements-js';

/** Values of the variables, such as `python_version`. */
export type MarkerValues = Readonly<Record<string, string>>;

/** A marker as text, with brackets where they are needed. */
export function writeMarker(marker: EnvironmentMarker): string {
  if (marker.operator !== 'and' && marker.operator !== 'or')
    return `${marker.left} ${marker.operator.replace(/\s+/g, ' ')} ${marker.right}`;
  const { operator } = marker;
  const [left, right] = [marker.left, marker.right].map((side) => {
    const text = writeMarker(side as EnvironmentMarker);
    return operator === 'and' && (side as EnvironmentMarker).operator === 'or' ? `(${text})` : text;
  });
  return `${left} ${operator} ${right}`;
}
