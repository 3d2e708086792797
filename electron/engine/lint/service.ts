/** Commands about findings: what was found is in the capture workers, what is not to be seen in the settings. */
import type { EngineHandlers } from '../../../shared/contract/contract.ts'
import { MAX_SUPPRESSED, type LintState } from '../../../shared/contract/lint.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { reportEndings } from '../../../shared/lint/report/index.ts'
import { findRule } from '../../../shared/lint/rules/index.ts'
import type { Captures } from '../capture/captures.ts'
import { exportFile } from '../capture/export-file.ts'
import { filterProgram } from '../capture/row-filter.ts'

export interface LintServiceOptions {
  /** Folder of the workspace. */
  readonly workspace: string
  readonly captures: Captures
  /** As the setting `lint.suppressed` has it: names with commas between. */
  readonly suppressed: () => string
  readonly save: (suppressed: string) => Promise<void>
  readonly onChange: (state: LintState) => void
}

type Handled = Extract<keyof EngineHandlers, `lint.${string}`>

export interface LintService {
  readonly state: LintState
  /** Keeps which rules are not to be seen, as the setting has it, and hides them everywhere. */
  readonly setSuppressed: (setting: string) => Promise<void>
  readonly handlers: Pick<EngineHandlers, Handled>
}

/** The names in the setting. Those that no rule has any more are left out. */
export const suppressedRules = (setting: string): readonly string[] =>
  setting.split(',').filter((id) => findRule(id) !== undefined)

export function createLintService(options: LintServiceOptions): LintService {
  const { captures, workspace } = options
  const state = (): LintState => ({ suppressed: suppressedRules(options.suppressed()) })
  const setSuppressed = async (setting: string): Promise<void> => {
    await options.save(setting)
    await captures.suppress()
    options.onChange(state())
  }
  return {
    get state() {
      return state()
    },
    setSuppressed,
    handlers: {
      'lint.summary': ({ capture, endpoint }) =>
        captures.ask(capture, 'lint', endpoint === undefined ? {} : { endpoint }),
      'lint.findings': ({ capture, ...group }) => captures.ask(capture, 'findings', group),
      async 'lint.suppress'({ rule, on }) {
        if (findRule(rule) === undefined) throw new BenchFailure('not-found', `There is no rule “${rule}”.`)
        const others = state().suppressed.filter((id) => id !== rule)
        const rules = on ? [...others, rule].sort() : others
        if (rules.length > MAX_SUPPRESSED)
          throw new BenchFailure('conflict', 'That is more than can be hidden.')
        await setSuppressed(rules.join(','))
      },
      async 'lint.export'({ capture, format, endpoint, filter }) {
        filterProgram(filter ?? '')
        const source = captures.nameOf(capture)
        const title = `Findings${endpoint === undefined ? '' : ` of ${endpoint}`} in ${source}`
        const { path, file } = await exportFile(workspace, title, reportEndings[format])
        const job = captures.jobs.start('export', title, { capture }, async (running) => {
          await captures.ask(capture, 'report', { format, source, endpoint, filter, file: path }, running)
          return { file }
        })
        return { job }
      },
    },
  }
}
