/** `oe completion`: scripts that complete commands and options in bash, zsh and fish. */
import { Argument, Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function completionCommand(program: Command): Command {
  return new Command('completion')
    .description('Print a script that completes commands and options in your shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe completion bash >> ~/.bashrc\n  $ oe completion fish > ~/.config/fish/completions/oe.fish',
    )
    .action((shell: (typeof SHELLS)[number]) => {
      process.stdout.write(SCRIPTS[shell](wordsOf(program)));
    });
}

interface CommandWords {
  name: string;
  description: string;
  /** What may stand where the first argument stands. */
  values: readonly string[];
  options: { flag: string; description: string; takesFile: boolean }[];
}

function wordsOf(program: Command): CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    values: unique([
      ...command.commands.map((below) => below.name()),
      ...withThoseBelow(command).flatMap((each) => each.registeredArguments[0]?.argChoices ?? []),
    ]),
    options: unique(
      withThoseBelow(command).flatMap((each) => each.options),
      (option) => option.long,
    ).map((option) => ({
      flag: option.long!,
      description: option.description,
      takesFile: /<(file|folder|path)(\.\.\.)?>/.test(option.flags),
    })),
  }));
}

/** `oe data` has commands of its own, whose words are offered together. */
function withThoseBelow(command: Command): Command[] {
  return [command, ...command.commands];
}

function unique<T>(all: readonly T[], by: (value: T) => unknown = (value) => value): T[] {
  return [...new Map(all.map((value) => [by(value), value])).values()];
}

const SCRIPTS: Record<(typeof SHELLS)[number], (commands: CommandWords[]) => string> = {
  bash: (commands) => `# oe: completion for bash
_oe() {
  local current=\${COMP_WORDS[COMP_CWORD]} words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(({ name, values, options }) => `    ${name}) words='${[...values, ...options.map(({ flag }) => flag), '--help'].join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -F _oe oe
`,
  zsh: (commands) => `#compdef oe
# oe: completion for zsh
_oe() {
  if (( CURRENT == 2 )); then
    _values 'command' ${commands.map(({ name, description }) => `'${name}[${zshText(description)}]'`).join(' ')}
    return
  fi
  case $words[2] in
${commands
  .map(({ name, values, options }) => {
    const specs = options.map(
      ({ flag, description, takesFile }) =>
        `'${flag}[${zshText(description)}]${takesFile ? ':file:_files' : ''}'`,
    );
    if (values.length > 0) specs.unshift(`'2:value:(${values.join(' ')})'`);
    return `    ${name}) _arguments ${specs.join(' ')} '*:file:_files' ;;`;
  })
  .join('\n')}
  esac
}
compdef _oe oe
`,
  fish: (commands) => `# oe: completion for fish
complete -c oe -f -n __fish_use_subcommand -l help -d 'Show help'
${commands
  .flatMap(({ name, description, values, options }) => [
    `complete -c oe -f -n __fish_use_subcommand -a ${name} -d '${fishText(description)}'`,
    ...(values.length > 0
      ? [`complete -c oe -f -n '__fish_seen_subcommand_from ${name}' -a '${values.join(' ')}'`]
      : []),
    ...options.map(
      ({ flag, description: text, takesFile }) =>
        `complete -c oe -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} ${takesFile ? '-r -F ' : ''}-d '${fishText(text)}'`,
    ),
  ])
  .join('\n')}
`,
};

/** Text inside single quotes and brackets. */
function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]]/g, '').replaceAll(':', '\\:');
}

function fishText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
