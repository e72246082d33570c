/** Extracts everything from the project named as argument and prints the peak memory of this process in MiB. */
import { readFileSync } from 'node:fs'
import { withProject } from '../../src/main/app.ts'
import { extract } from '../../src/main/jobs/extraction.ts'
import { quiet } from './fixtures.ts'

await withProject(process.argv[2], {}, (project) => extract(project, { preset: 'paper', layers: 'All' }, quiet))
const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))!
console.log(Number(kibibytes) / 1024)
