import type { Command } from 'commander'
import { withProject } from '../app.ts'
import { writeFigures } from '../jobs/figures.ts'
import { withJson } from './options.ts'
import { listening } from './project.ts'
import { note, say, withContext } from './terminal.ts'

/** The figures that were kept in the window, drawn again. */
export function addFigureCommands(program: Command): void {
  withJson(program.command('figures <project>'))
    .description('draws all figures that are kept in the project, with their manifest')
    .requiredOption('--out <folder>', 'where the files go')
    .action(async (folder: string, { out, json }: { out: string; json?: boolean }) => {
      const result = await withContext((context) =>
        withProject(folder, listening(context), (project) =>
          writeFigures(project, { folder: out, ids: null }, context),
        ),
      )
      say(json, result, () => `${result.files.length - 1} files and manifest.json in ${result.folder}`)
      for (const { name, reason } of result.failed) note(`The figure "${name}" was not drawn: ${reason}`)
      if (result.failed.length > 0) process.exitCode = 1
    })
}
