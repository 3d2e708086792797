/** Findings of the capture in front: groups, and the findings of the group under the cursor. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { FindingGroup, FindingRow, LintSummary } from '../../../shared/contract/lint.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'
import { ok, type Result } from '../../../shared/contract/result.ts'

export interface LintViewState {
  readonly capture: CaptureId
  /** Only findings about this endpoint are shown. */
  readonly endpoint: string | undefined
  readonly summary: LintSummary | undefined
  /** Why there is no summary. */
  readonly fault: string
  /** Key of the group under the cursor. */
  readonly selected: string | undefined
  readonly findings: readonly FindingRow[]
}

export interface LintModel extends StoreApi<LintViewState> {
  /** Looks again; `capture` is that of the packet list. */
  readonly refresh: (capture: CaptureId) => Promise<void>
  /** Shows one endpoint alone, or all again. */
  readonly showDevice: (capture: CaptureId, endpoint: string | undefined) => Promise<void>
  readonly select: (key: string | undefined) => Promise<void>
  readonly suppress: (rule: string, on: boolean) => Promise<Result<void>>
  readonly close: () => void
}

export const groupKey = ({ rule, endpoint }: { readonly rule: string; readonly endpoint: string }): string =>
  `${rule} ${endpoint}`

export function createLint(host: Host): LintModel {
  const store = createStore<LintViewState>(() => ({
    capture: 'live',
    endpoint: undefined,
    summary: undefined,
    fault: '',
    selected: undefined,
    findings: [],
  }))
  /** Answers that were overtaken by a newer question are dropped. */
  let asked = 0

  async function loadFindings(): Promise<void> {
    const { capture, summary, selected } = store.getState()
    const group = summary?.groups.find((one) => groupKey(one) === selected)
    if (group === undefined) return store.setState({ findings: [] })
    const { rule, endpoint } = group
    const answer = await host.call('lint.findings', { capture, rule, endpoint })
    const now = store.getState()
    if (now.selected === selected && now.capture === capture)
      store.setState({ findings: answer.ok ? answer.value : [] })
  }

  async function refresh(capture: CaptureId): Promise<void> {
    const question = ++asked
    if (capture !== store.getState().capture)
      store.setState({ capture, endpoint: undefined, summary: undefined, selected: undefined, findings: [] })
    const { endpoint } = store.getState()
    const answer = await host.call('lint.summary', {
      capture,
      ...(endpoint !== undefined && { endpoint }),
    })
    if (question !== asked) return
    store.setState(answer.ok ? { summary: answer.value, fault: '' } : { fault: answer.error.message })
    await loadFindings()
  }

  // Another window may have suppressed a rule.
  const end = host.on('lint', () => {
    const { capture, summary } = store.getState()
    if (summary !== undefined) void refresh(capture)
  })

  return Object.assign(store, {
    refresh,
    close: () => void end(),
    async showDevice(capture: CaptureId, endpoint: string | undefined) {
      store.setState({ capture, endpoint, summary: undefined, selected: undefined, findings: [] })
      await refresh(capture)
    },
    async select(selected: string | undefined) {
      store.setState({ selected })
      await loadFindings()
    },
    async suppress(rule: string, on: boolean): Promise<Result<void>> {
      const answer = await host.call('lint.suppress', { rule, on })
      if (!answer.ok) return answer
      await refresh(store.getState().capture)
      return ok(undefined)
    },
  })
}

/** Groups of each device, in their order: worst first. */
export function byDevice(
  groups: readonly FindingGroup[],
): readonly (readonly [endpoint: string, groups: readonly FindingGroup[]])[] {
  const devices = new Map<string, FindingGroup[]>()
  for (const group of groups) {
    const known = devices.get(group.endpoint)
    if (known === undefined) devices.set(group.endpoint, [group])
    else known.push(group)
  }
  return [...devices]
}
