/** Who may connect and what they may do: rules, questions to them, what was refused, users. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { count } from '../../ui/format.ts'
import { Empty, Tabs } from '../../ui/kit.tsx'
import { AskTab } from './ask-tab.tsx'
import { DenialsTab } from './denials-tab.tsx'
import { DryRunTab } from './dry-run-tab.tsx'
import { OpenSwitch } from './open-switch.tsx'
import { ProposalTab } from './proposal-tab.tsx'
import { RulesTab } from './rules-tab.tsx'
import type { AccessTab } from './store.ts'
import { UsersTab } from './users-tab.tsx'
import './access.css'
import './recording.css'

const views = {
  rules: RulesTab,
  ask: AskTab,
  'dry-run': DryRunTab,
  proposal: ProposalTab,
  denials: DenialsTab,
  users: UsersTab,
} as const

export function AccessView() {
  const { live, access } = useModel()
  const known = useStore(live, (state) => state.access !== undefined)
  const tab = useStore(access, (state) => state.tab)
  if (!known) return <Empty>Connecting to the bench…</Empty>
  const View = views[tab]
  return (
    <div className="access">
      <header className="access-head">
        <AccessTabs tab={tab} />
        <span className="spacer" />
        <OpenSwitch />
      </header>
      <View />
    </div>
  )
}

function AccessTabs({ tab }: { tab: AccessTab }) {
  const { live, access } = useModel()
  const rules = useStore(live, (state) => state.access?.list.rules.length ?? 0)
  const denials = useStore(live, (state) => state.access?.denials.length ?? 0)
  const users = useStore(live, (state) => state.access?.users ?? 0)
  const titled = (title: string, number: number) => (number > 0 ? `${title} (${count(number)})` : title)
  return (
    <Tabs
      label="Access"
      tabs={[
        ['rules', titled('Rules', rules)],
        ['ask', 'Ask'],
        ['dry-run', 'Dry run'],
        ['proposal', 'Propose'],
        ['denials', titled('Denials', denials)],
        ['users', titled('Users', users)],
      ]}
      selected={tab}
      onSelect={access.open}
    />
  )
}
