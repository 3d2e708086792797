/** What is wrong with the bench itself, each said once until the person puts it away. */
import type { Problem } from '../../shared/contract/model.ts'

export interface Problems {
  readonly list: readonly Problem[]
  report(severity: Problem['severity'], text: string): void
  dismiss(id: string): void
}

/** `others` are those that the workspace keeps, which may become more. */
export function createProblems(others: () => readonly Problem[], changed: () => void): Problems {
  const own: Problem[] = []
  const dismissed = new Set<string>()
  return {
    get list() {
      return [...others(), ...own].filter(({ id }) => !dismissed.has(id))
    },
    report(severity, text) {
      if (own.some((problem) => problem.text === text)) return
      own.push({ id: `engine-${own.length + 1}`, severity, text, since: new Date().toISOString() })
      changed()
    },
    dismiss(id) {
      dismissed.add(id)
      changed()
    },
  }
}
