/** `service print`: what tells the system to start the gateway, for systemd or launchd. */
import { realpathSync } from 'node:fs';
import type { Command } from 'commander';
import { CliFailure, usageExitCode } from './failure.ts';
import { addHomeFlag } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';

const kinds = ['systemd', 'launchd'] as const;

/** Defines it. */
export function define(command: Command): void {
  addHomeFlag(command.command('print').description('print a systemd unit or a launchd plist'))
    .argument('[kind]', `${kinds.join(' or ')}; left out: this system's`)
    .argument('[flags...]', 'of start, after --')
    .passThroughOptions()
    .addHelpText('after', help)
    .action((kind: string | undefined, flags: string[], _, self: Command) => {
      const home = homeOf(self.optsWithGlobals());
      const words = [
        process.execPath,
        realpathSync(process.argv[1] as string),
        'start',
        '--home',
        home,
        ...flags.filter((flag) => flag !== '--'),
      ];
      const chosen = kind ?? (process.platform === 'darwin' ? 'launchd' : 'systemd');
      if (chosen === 'systemd') process.stdout.write(unit(words));
      else if (chosen === 'launchd') process.stdout.write(plist(words, home));
      else throw new CliFailure(`no such kind: ${chosen}; there are ${kinds.join(' and ')}`, usageExitCode);
    });
}

const help = `
systemd: beep-python service print systemd > ~/.config/systemd/user/beep-python.service
         systemctl --user enable --now beep-python
launchd: beep-python service print launchd > ~/Library/LaunchAgents/beep-python.plist
         launchctl load ~/Library/LaunchAgents/beep-python.plist`;

function unit(words: readonly string[]): string {
  return `[Unit]
Description=beep-python: the gateway that lets any program run Python
After=network.target

[Service]
ExecStart=${words.map(systemdWord).join(' ')}
ExecReload=kill -HUP $MAINPID
Restart=on-failure
# Calls under way have their time to end, and then their sessions.
TimeoutStopSec=30
KillMode=mixed
NoNewPrivileges=yes

[Install]
WantedBy=default.target
`;
}

/** In double quotes \\ and " are escaped; % and $ mean something everywhere. */
function systemdWord(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w./:@%$=+,-]+$/.test(word) ? escaped : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function plist(words: readonly string[], home: string): string {
  const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>beep-python</string>
  <key>ProgramArguments</key>
  <array>
${words.map((word) => `    <string>${text(word)}</string>`).join('\n')}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>StandardErrorPath</key>
  <string>${text(home)}/logs/gateway.log</string>
</dict>
</plist>
`;
}
