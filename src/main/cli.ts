import { Command, CommanderError } from 'commander'
import { createRequire } from 'node:module'
import { addCheckCommands } from './commands/checks.ts'
import { addDataCommands } from './commands/data.ts'
import { addFigureCommands } from './commands/figures.ts'
import { addInspectCommand } from './commands/inspect.ts'
import { addProjectCommands } from './commands/project.ts'
import { addReportCommand } from './commands/report.ts'
import { addServeCommand } from './commands/serve.ts'
import { fail } from './commands/terminal.ts'
import { addToolCommands } from './commands/tools.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const program = new Command('vebi')
  .description(
    'Visual explanation by interpretation: which features of a trained image classifier matter, and what they see',
  )
  .version(version)
  .showHelpAfterError('(vebi --help lists the commands)')
  .exitOverride()

addProjectCommands(program)
addCheckCommands(program)
addFigureCommands(program)
addReportCommand(program)
addInspectCommand(program)
addToolCommands(program)
addDataCommands(program)
addServeCommand(program)

// A closed pipe (vebi ... | head) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else fail(error)
}
