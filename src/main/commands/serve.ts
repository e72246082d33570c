import { Option, type Command } from 'commander'
import { wholeNumber, withJson } from './options.ts'
import { note, say } from './terminal.ts'

const HIGHEST_PORT = 65_535

/** The window in a browser. */
export function addServeCommand(program: Command): void {
  withJson(program.command('serve [project]'))
    .description('the workbench in a browser, on this machine only; over ssh -L from another')
    .addOption(
      new Option('--port <n>', 'port; 0: any that is free').argParser(wholeNumber(0, HIGHEST_PORT)).default(0),
    )
    .option('--open', 'open the system browser', false)
    .action(async (project: string | undefined, flags: { port: number; open: boolean; json?: boolean }) => {
      // Only this command needs a server.
      const { serve } = await import('../serve.ts')
      const serving = await serve({ project, port: flags.port, open: flags.open, onNote: note })
      const { address, port, log } = serving
      say(
        flags.json,
        { address, port, log, pid: process.pid },
        () => `VEBI Workbench is at ${address}\nThe address is its key: whoever has it, and is on this machine, can use it. Ctrl-C ends it.`,
      )
      await stopped()
      await serving.close()
    })
}

/** Resolves at the first Ctrl-C; a second ends the process at once, which the store survives. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = (): void => {
      if (asked) process.exit(130)
      asked = true
      process.stderr.write('\nStopping after this batch (Ctrl-C again to stop at once) ...\n')
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  })
}
