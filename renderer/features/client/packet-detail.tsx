/** The packet under the cursor: its payload, its fields, its bytes. */
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { ClientPacketDetail } from '../../../shared/contract/mqtt-client.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type { Properties } from '../../../shared/mqtt/packets.ts'
import { useModel } from '../../app/model.ts'
import { dateTime, plural } from '../../ui/format.ts'
import { hexString } from '../../ui/hex.ts'
import { CopyButton, Empty, State, Tabs } from '../../ui/kit.tsx'
import { AnswerTree } from '../messages/answer-tree.tsx'
import { BytesPane } from '../packets/bytes-pane.tsx'
import { payloadText } from '../packets/payload-text.ts'
import { ContentViewChoice, PayloadText } from '../packets/payload-view.tsx'
import { PropertyList } from '../packets/property-list.tsx'
import { publishAgain, takeOver } from './actions.ts'
import { connectionInFront, isConnected } from './store.ts'
import { outcomeText, outcomeTone } from './words.ts'
import '../packets/detail.css'

type Tab = 'payload' | 'properties' | 'fields' | 'bytes'

export function ClientPacketPane() {
  const { client } = useModel()
  const packet = useStore(client, (state) => state.packet)
  const [tab, setTab] = useState<Tab>('payload')
  const properties = useMemo(() => (packet ? propertiesOf(packet) : none), [packet])
  if (!packet)
    return (
      <Empty>
        The packet under the cursor stands here: its payload, every property in its order, its bytes.
      </Empty>
    )
  const { row, fields, bytes, payload } = packet
  if (bytes.length === 0)
    return (
      <section className="client-detail" id="client-detail" aria-label={`Remark ${row.no}`} tabIndex={-1}>
        <p className={`client-note ${row.bad ? 'bad' : ''}`}>{row.info}</p>
      </section>
    )
  const tabs: (readonly [Tab, string])[] = [
    ...(payload ? [['payload', 'Payload'] as const] : []),
    ...(properties.length > 0 ? [['properties', `Properties (${properties.length})`] as const] : []),
    ['fields', 'Packet'],
    ['bytes', 'Bytes'],
  ]
  const shown = tabs.some(([id]) => id === tab) ? tab : (tabs[0]?.[0] ?? 'fields')
  return (
    <section className="client-detail" id="client-detail" aria-label={`Packet ${row.no}`} tabIndex={-1}>
      <Caption packet={packet} />
      <div className="publish-tabs">
        <Tabs label="Parts of the packet" tabs={tabs} selected={shown} onSelect={setTab} />
        <span className="spacer" />
        {shown === 'payload' && <ViewChoice packet={packet} />}
        <CopyButton
          label={shown === 'payload' ? 'Copy the payload' : 'Copy the packet as hex'}
          text={() => (shown === 'payload' ? payloadText(packet) : hexString(bytes))}
        />
      </div>
      {shown === 'payload' && <Payload packet={packet} />}
      {shown === 'properties' && <PropertyList properties={properties} className="client-facts" />}
      {shown === 'fields' && <AnswerTree fields={fields} label="Fields of the packet" />}
      {shown === 'bytes' && (
        <BytesPane bytes={bytes} fields={fields} marked={undefined} onSelect={() => undefined} />
      )}
    </section>
  )
}

const none: Properties = []

/** In their order; none of a packet that cannot be read. */
function propertiesOf({ bytes, level }: ClientPacketDetail): Properties {
  try {
    const packet = decodePacket(bytes, level)
    return 'properties' in packet ? packet.properties : none
  } catch {
    return none
  }
}

function Caption({ packet }: { packet: ClientPacketDetail }) {
  const model = useModel()
  const { row } = packet
  const connected = useStore(model.client, (state) => isConnected(connectionInFront(state)))
  const outcome = outcomeText(row)
  const others = [...(row.answers ? [row.answers.no] : []), ...(row.request?.answers ?? [])]
  return (
    <header className="client-caption">
      <b>{row.type}</b>
      <span className="mono cut" title={row.topic}>
        {row.topic}
      </span>
      <span className="dim number" title={`${dateTime(row.time)}, ${row.info}`}>
        {plural(packet.payload?.length ?? row.length, 'byte')}
      </span>
      <span className="spacer" />
      {outcome && <State tone={outcomeTone(row)}>{outcome}</State>}
      {others.map((no) => (
        <button
          key={no}
          type="button"
          className="link number"
          onClick={() => void model.client.list.getState().selectKey(no)}
        >
          #{no}
        </button>
      ))}
      {row.answers?.by === 'topic' && (
        <span
          className="warn"
          title="It brought neither Correlation Data nor a msg_id: it was paired by its topic alone"
        >
          by topic
        </span>
      )}
      {row.type === 'PUBLISH' && (
        <>
          <button
            type="button"
            className="button"
            disabled={!connected}
            title={connected ? 'As it is, with its properties' : 'Connect first'}
            onClick={() => void publishAgain(model, packet)}
          >
            Publish again
          </button>
          <button
            type="button"
            className="button"
            title="Make the message on the left like this one"
            onClick={() => takeOver(model, packet)}
          >
            Take over
          </button>
        </>
      )}
    </header>
  )
}

function ViewChoice({ packet }: { packet: ClientPacketDetail }) {
  const { client } = useModel()
  const chosen = useStore(client, (state) => state.view)
  return <ContentViewChoice chosen={chosen} shown={packet.view} onChoose={client.setView} />
}

function Payload({ packet }: { packet: ClientPacketDetail }) {
  const text = useMemo(() => payloadText(packet), [packet])
  return <PayloadText label="Payload of the packet" text={text} view={packet.view} />
}
