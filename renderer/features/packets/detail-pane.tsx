/** The packet under the cursor: what the bench remarked, its tree, its bytes. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { timeOfDay } from '../../ui/format.ts'
import { Empty, Icon, Tabs } from '../../ui/kit.tsx'
import { MenuButton } from '../../ui/menu.tsx'
import { Split } from '../../ui/split.tsx'
import { questionsOf } from '../access/ask.ts'
import { seenRequestOf } from '../messages/send-again.ts'
import { BytesPane } from './bytes-pane.tsx'
import { ComparePane } from './compare-pane.tsx'
import { ContentMenu } from './content-menu.tsx'
import { copyForms } from './copy-forms.ts'
import { Notes } from './notes.tsx'
import { fieldAt } from './tree.ts'
import { TreePane } from './tree-pane.tsx'
import { useTab } from './use-tab.ts'
import './detail.css'

const layouts = [
  ['both', 'Packet and bytes'],
  ['packet', 'Packet'],
  ['bytes', 'Bytes'],
] as const
const withCompare = [...layouts, ['compare', 'Compare']] as const

export function PacketDetailPane() {
  const { detail } = useTab()
  const packet = useStore(detail, (state) => state.packet)
  const error = useStore(detail, (state) => state.error)
  const gone = useStore(detail, (state) => state.gone)
  if (error)
    return (
      <section className="detail" aria-label="Packet">
        <Empty>{error.message}</Empty>
      </section>
    )
  if (!packet) return <section className="detail" aria-label="Packet" aria-busy="true" />
  return (
    <section className="detail" aria-label={`Packet ${packet.row.no}`}>
      <Caption packet={packet} />
      {gone && (
        <p className="remark is-dropped" role="status">
          Packet {packet.row.no} is no longer in the capture: it was cleared, or its rows made room for newer
          ones. It stays here until you select another.
        </p>
      )}
      <Notes notes={packet.notes} />
      <Panes packet={packet} />
    </section>
  )
}

function Caption({ packet }: { packet: PacketDetail }) {
  const { settings, packets } = useModel()
  const chosen = useStore(settings, (state) => state.detail)
  const comparing = useStore(packets, (state) => state.base !== undefined)
  const layout = chosen === 'compare' && !comparing ? 'both' : chosen
  const { row, connection } = packet
  const peer = `${connection.remoteAddress}:${connection.remotePort}`
  return (
    <header className="caption">
      <Tabs
        label="What is shown of the packet"
        tabs={comparing ? withCompare : layouts}
        selected={layout}
        onSelect={(detail) => settings.getState().set({ detail })}
      />
      <span className="spacer" />
      <span
        className="number dim cut"
        title={`Connection ${connection.id}, ${connection.transport.toUpperCase()} port ${connection.listenerPort}, MQTT ${connection.version ?? 'version unknown'}`}
      >
        No. {row.no} · {timeOfDay(row, 9)} UTC · {row.direction === 'in' ? 'from' : 'to'} {peer} · MQTT{' '}
        {connection.version ?? 'version unknown'}
      </span>
      <ContentMenu packet={packet} />
      <SendAgain packet={packet} />
      <AskAccess packet={packet} />
      <CopyMenu packet={packet} />
    </header>
  )
}

/** Only for packets that ask a device something. */
function SendAgain({ packet }: { packet: PacketDetail }) {
  const model = useModel()
  const seen = useMemo(() => seenRequestOf(packet), [packet])
  if (!seen) return null
  const command = commandById('messages.again')
  return (
    <button
      type="button"
      className="button quiet"
      title={command.title}
      onClick={() => void runCommand(command, model)}
    >
      Send again
    </button>
  )
}

/** Only for packets that the rules are asked about. */
function AskAccess({ packet }: { packet: PacketDetail }) {
  const { access, goTo } = useModel()
  const { capture } = useTab()
  const questions = useMemo(() => questionsOf(packet), [packet])
  if (questions.length === 0) return null
  return (
    <button
      type="button"
      className="button quiet"
      title={commandById('access.ask-packet').title}
      onClick={() => {
        access.askAbout({ no: packet.row.no, capture, questions })
        goTo('access')
      }}
    >
      Ask access
    </button>
  )
}

function CopyMenu({ packet }: { packet: PacketDetail }) {
  const model = useModel()
  const items = copyForms
    .map(({ id }) => commandById(`packets.copy-${id}`))
    .filter((command) => command.available?.(model))
    .map((command) => ({ title: command.title, run: () => void runCommand(command, model) }))
  return (
    <MenuButton className="quiet" label={`Copy packet ${packet.row.no}`} items={() => items}>
      <Icon name="copy" /> Copy
    </MenuButton>
  )
}

function Panes({ packet }: { packet: PacketDetail }) {
  const model = useModel()
  const chosen = useStore(model.settings, (state) => state.detail)
  const base = useStore(model.packets, (state) => state.base)
  const tab = useTab()
  const path = useStore(tab, (state) => state.field)
  const [ratio, setRatio] = useSplit('detail', 0.5)
  const field = useMemo(() => fieldAt(packet.fields, path), [packet, path])
  const select = tab.selectField
  if (chosen === 'compare' && base) return <ComparePane base={base} packet={packet} />
  // An event of the connection, such as its close, has no bytes.
  const layout = packet.bytes.length === 0 ? 'packet' : chosen === 'compare' ? 'both' : chosen
  const tree = (
    <TreePane
      key="tree"
      no={packet.row.no}
      fields={packet.fields}
      bytes={packet.bytes}
      path={path}
      onSelect={select}
    />
  )
  const bytes = (
    <BytesPane key="bytes" bytes={packet.bytes} fields={packet.fields} marked={field} onSelect={select} />
  )
  return (
    <Split
      direction="across"
      label="Width of the packet tree"
      ratio={ratio}
      onRatio={setRatio}
      first={layout === 'bytes' ? bytes : tree}
      second={layout === 'both' ? bytes : undefined}
    />
  )
}
