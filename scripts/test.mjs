/**
 * `npm test`: builds, because tests run the real capture worker and the real `oktobench serve`, then runs every
 * test. Says which suites did not run and what they lack; the last line is the count. Arguments go to vitest.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { at, build, root, run } from './run.mjs'

if (!(await build())) finish({ passed: 0, failed: 1, skipped: 0 }, 1)

const folder = mkdtempSync(join(tmpdir(), 'oktobench-test-'))
const report = join(folder, 'report.json')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const vitest = [at('node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2)]
const { code } = await run(process.execPath, vitest)
const files = readReport()
rmSync(folder, { recursive: true, force: true })

const tests = files.flatMap((file) => file.assertionResults)
const count = (...states) => tests.filter((test) => states.includes(test.status)).length
// A file that could not even be loaded has no tests to count.
const unloaded = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
for (const file of unloaded) console.log(`Did not load: ${relative(root, file.name)}`)
for (const line of skippedSuites()) console.log(line)
const failed = count('failed') + unloaded.length
finish(
  { passed: count('passed'), failed, skipped: count('skipped', 'pending', 'todo') },
  code === 0 && failed === 0 ? 0 : 1,
)

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).testResults
  } catch {
    // vitest ended before it could write; what it said stands above.
    return [{ name: 'vitest', status: 'failed', assertionResults: [] }]
  }
}

/** The names that describeWith() in test/support/tools.ts gives to suites it leaves out. */
function skippedSuites() {
  const lacking = / \[needs the Debian package ([^\]]+)\]$/
  const names = new Set(
    tests.map((test) => test.ancestorTitles[0] ?? '').filter((name) => lacking.test(name)),
  )
  return [...names].map((name) => {
    const packages = lacking.exec(name)[1].replaceAll(',', '')
    return `Did not run: ${name.replace(lacking, '')} (apt-get install ${packages})`
  })
}

function finish({ passed, failed, skipped }, exitCode) {
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  process.exit(exitCode)
}
