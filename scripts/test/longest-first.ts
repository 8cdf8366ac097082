import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Beginnings of the paths of what takes longest: begun last, one of them would run alone while a processor idles. */
const longest = [
  'contract/openapi/description',
  'integration/setup/clean-clone',
  'integration/venvs/faults',
  'integration/cli/daemon',
  'integration/readme',
  'integration/runtimes',
  'hostile/behind',
  'clients/',
  'integration/setup/start',
  'integration/venvs/',
  'matrix/',
  'hostile/',
  'integration/',
];

/** The order of the files, also where no earlier run tells how long they take. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((beginning) => moduleId.includes(`/test/${beginning}`));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
