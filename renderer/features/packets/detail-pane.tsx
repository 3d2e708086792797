/** The packet under the cursor: what the bench remarked, its tree, its bytes. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { timeOfDay } from '../../ui/format.ts'
import { hexDump, hexString } from '../../ui/hex.ts'
import { CopyButton, Empty, Tabs } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { BytesPane } from './bytes-pane.tsx'
import { Notes } from './notes.tsx'
import { fieldAt, treeJson, treeText } from './tree.ts'
import { TreePane } from './tree-pane.tsx'

const layouts = [
  ['both', 'Packet and bytes'],
  ['packet', 'Packet'],
  ['bytes', 'Bytes'],
] as const

export function PacketDetailPane() {
  const model = useModel()
  const packet = useStore(model.packets.detail, (state) => state.packet)
  const error = useStore(model.packets.detail, (state) => state.error)
  const gone = useStore(model.packets.detail, (state) => state.gone)
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
  const { settings } = useModel()
  const layout = useStore(settings, (state) => state.detail)
  const { row, connection } = packet
  const peer = `${connection.remoteAddress}:${connection.remotePort}`
  return (
    <header className="caption">
      <Tabs
        label="What is shown of the packet"
        tabs={layouts}
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
      <span className="copies">
        <CopyButton label="Copy packet as hex" text={() => hexString(packet.bytes)}>
          Hex
        </CopyButton>
        <CopyButton
          label="Copy packet as text: tree and hex dump"
          text={() => `${treeText(packet.fields)}\n\n${hexDump(packet.bytes)}`}
        >
          Text
        </CopyButton>
        <CopyButton label="Copy packet as JSON" text={() => treeJson(packet.fields)}>
          JSON
        </CopyButton>
      </span>
    </header>
  )
}

function Panes({ packet }: { packet: PacketDetail }) {
  const model = useModel()
  const chosen = useStore(model.settings, (state) => state.detail)
  // An event of the connection, such as its close, has no bytes.
  const layout = packet.bytes.length === 0 ? 'packet' : chosen
  const path = useStore(model.packets, (state) => state.field)
  const [ratio, setRatio] = useSplit('detail', 0.5)
  const field = useMemo(() => fieldAt(packet.fields, path), [packet, path])
  const select = model.packets.selectField
  const tree = <TreePane key="tree" fields={packet.fields} path={path} onSelect={select} />
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
