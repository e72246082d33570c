import { resolve } from 'node:path'
import type { Command } from 'commander'
import { specsOf } from '../../shared/analysis.ts'
import { checkSpecOf, LISTED_NAMES } from '../../shared/check-list.ts'
import { VebiError } from '../../shared/errors.ts'
import { withProject } from '../app.ts'
import { writeReport } from '../jobs/report.ts'
import { analysisOf, type AnalysisFlags } from './options.ts'
import { listening, withEverything } from './project.ts'
import { note, say, withContext } from './terminal.ts'

/** All that is stored of an analysis on one page. */
export function addReportCommand(program: Command): void {
  withEverything(program.command('report <project>'))
    .description('one page with all figures, tables, settings and hashes that are stored; computes nothing')
    .requiredOption('--out <file>', 'the page, for example report.html')
    .action(async (folder: string, { out, ...flags }: AnalysisFlags & { out: string }) => {
      if (!/\.html?$/i.test(out)) throw new VebiError('bad-argument', `${out}: a report is a page, name it *.html.`)
      const options = analysisOf(flags)
      const { selection } = specsOf(options).evaluation
      const checks = LISTED_NAMES.map((name) => checkSpecOf(name, selection, options))
      const result = await withContext((context) =>
        withProject(folder, listening(context), (project) =>
          writeReport(project, { file: resolve(out), options, checks }, context),
        ),
      )
      say(flags.json, result, () => `${result.figures} figures in ${out} (${Math.ceil(result.bytes / 1024)} KiB)`)
      for (const name of result.missing) note(`Not computed: ${name}.`)
    })
}
