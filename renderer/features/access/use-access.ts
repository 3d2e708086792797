/** What several parts of the access view read. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { AclFinding } from '../../../shared/acl/analysis.ts'
import type { AclRule } from '../../../shared/acl/model.ts'
import type { DenialInfo } from '../../../shared/contract/access.ts'
import { useModel } from '../../app/model.ts'

const noRules: readonly AclRule[] = []
const noFindings: readonly AclFinding[] = []
const noDenials: readonly DenialInfo[] = []

/** As edited, else those in force. */
export function useRules(): readonly AclRule[] {
  const { access, live } = useModel()
  const drafted = useStore(access, (state) => state.draft?.rules)
  const inForce = useStore(live, (state) => state.access?.list.rules ?? noRules)
  return drafted ?? inForce
}

/** Of the rules that are shown, by their ID. */
export function useFindings(): ReadonlyMap<string, AclFinding> {
  const { access, live } = useModel()
  const drafted = useStore(access, (state) => state.findings)
  const inForce = useStore(live, (state) => state.access?.findings ?? noFindings)
  const findings = drafted ?? inForce
  return useMemo(() => new Map(findings.map((finding) => [finding.rule.id, finding])), [findings])
}

/** Newest first. */
export function useDenials(): readonly DenialInfo[] {
  const { live } = useModel()
  const denials = useStore(live, (state) => state.access?.denials ?? noDenials)
  return useMemo(() => denials.toReversed(), [denials])
}

/** Refused CONNECTs, newest first. */
export function useKnocks(): readonly DenialInfo[] {
  const denials = useDenials()
  return useMemo(() => denials.filter(({ action }) => action === 'connect'), [denials])
}
