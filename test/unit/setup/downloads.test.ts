import { describe, expect, test } from 'vitest';
import { downloadFailure } from '../../../src/runtimes/download-failure.ts';
import { followDownload } from '../../../src/runtimes/download-progress.ts';
import { chooseDownload, type Download } from '../../../src/runtimes/downloads.ts';
import type { RuntimeProgress } from '../../../src/runtimes/progress.ts';
import type { UvResult } from '../../../src/uv/run.ts';

const platform = 'linux-x86_64-gnu';

function download(version: string, implementation = 'cpython', isFreeThreaded = false): Download {
  const key = `${implementation}-${version}${isFreeThreaded ? '+freethreaded' : ''}-${platform}`;
  return { key, version, implementation, isFreeThreaded, platform, url: `https://example.org/${key}.tar.gz` };
}

// Newest first, as they are listed.
const downloads = [
  download('3.15.0a2'),
  download('3.14.1'),
  download('3.14.1', 'cpython', true),
  download('3.14.0'),
  download('3.12.16'),
  download('3.10.16', 'pypy'),
];

describe('what is downloaded', () => {
  test.each([
    ['3.14', '3.14.1'],
    ['3.14.0', '3.14.0'],
    ['>=3.10', '3.14.1'],
    ['<3.14', '3.12.16'],
    ['3.15.0a2', '3.15.0a2'],
    [`cpython-3.12.16-${platform}`, '3.12.16'],
    ['pypy', '3.10.16'],
  ])('for %j is exactly %s', (wanted, version) => {
    expect(chooseDownload(downloads, wanted).version).toBe(version);
  });

  test('for "3.14t" is the free-threaded one', () => {
    expect(chooseDownload(downloads, '3.14t').key).toBe(`cpython-3.14.1+freethreaded-${platform}`);
  });

  test.each([
    ['3.13', '3.15.0a2, 3.14.1, 3.14.1t, 3.14.0, 3.12.16'],
    ['3.15', '3.15.0a2'],
    ['pypy3.9', '3.10.16'],
    ['graalpy', 'there are: none'],
  ])('for %j does not exist, and it says what does: %s', (wanted, shown) => {
    expect(() => chooseDownload(downloads, wanted)).toThrow(
      expect.objectContaining({ reason: 'RUNTIME_NOT_FOUND', message: expect.stringContaining(shown) }),
    );
  });
});

describe('what uv says of a download that failed', () => {
  const failed = (stderr: string, endedBy: UvResult['endedBy'] = 'exit') =>
    downloadFailure({ exitCode: 1, endedBy, stdout: '', stderr, tookMs: 0 }, 'cpython-3.12.1');

  // Texts of uv, which the tests over a gateway cannot provoke on every machine.
  test.each([
    ['a full disk', 'error: x\n  cause: failed to write\n  cause: No space left on device (os error 28)', 'DISK_FULL'],
    [
      'a certificate',
      'error: x\n  cause: Failed to download `https://m.example/a`\n  cause: invalid peer certificate: UnknownIssuer',
      'CERTIFICATE_NOT_TRUSTED',
    ],
    [
      'a mirror that is no mirror',
      'error: x\n  cause: A mirror was provided via `UV_PYTHON_INSTALL_MIRROR`, but the URL does not match the expected format: http://m/a',
      'DOWNLOAD_BLOCKED',
    ],
    [
      'a connection that is reset half-way',
      'error: x\n  cause: Failed to download `https://m.example/a`\n  cause: error reading a body from connection\n  cause: Connection reset by peer (os error 104)',
      'DOWNLOAD_INVALID',
    ],
    ['nothing', '', 'RUNTIME_BROKEN'],
  ])('%s has its reason', (_what, stderr, reason) => {
    expect(failed(stderr)).toMatchObject({ reason });
  });

  test('has a line for each source that it asked', () => {
    const stderr = [
      'WARN Failed to fetch `cpython-3.12.1` from `https://a.example/x` (Failed to download `https://a.example/x`); falling back to `https://b.example/x`',
      'error: Failed to install cpython-3.12.1',
      '  cause: Failed to download `https://b.example/x`',
      '  cause: error sending request for url (https://b.example/x)',
      '  cause: failed to lookup address information: Name or service not known',
    ].join('\n');
    const { reason, message } = failed(stderr);
    expect(reason).toBe('DOWNLOAD_BLOCKED');
    expect(message.split('\n').slice(1)).toEqual([
      'https://a.example/x: could not be reached',
      'https://b.example/x: failed to lookup address information: Name or service not known',
    ]);
  });

  test('is its end, where it was ended', () => {
    expect(failed('', 'cancel').reason).toBe('CANCELLED');
    expect(failed('', 'timeout').reason).toBe('DOWNLOAD_BLOCKED');
  });
});

test('progress of a download ends with all of its bytes', () => {
  const told: RuntimeProgress[] = [];
  {
    using progress = followDownload('cpython-3.12.1', '/nowhere', (one) => told.push(one));
    progress.onLine('DEBUG nothing of interest');
    progress.onLine('Downloading cpython-3.12.1-linux-x86_64-gnu (download) (10.5MiB)');
    progress.onLine(' Downloaded cpython-3.12.1-linux-x86_64-gnu (download)');
    progress.onLine('Extracting cpython-3.12.1-linux-x86_64-gnu (extract) (10.5MiB)');
  }
  expect(told.map(({ phase, done, total }) => [phase, done, total])).toEqual([
    ['download', 0, 11_010_048],
    ['download', 11_010_048, 11_010_048],
    ['install', undefined, undefined],
  ]);
});
