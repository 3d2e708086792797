/** The topic under the cursor: its messages, the chosen one field by field, and its numbers over time. */
import { useState } from 'react'
import { useStore } from 'zustand'
import type { TopicMessage, TopicRow } from '../../../shared/contract/topics.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { clock, count, dateTime, size } from '../../ui/format.ts'
import { CopyButton, Empty, Tabs } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { showPacket } from '../packets/actions.ts'
import { ContentMenu } from '../packets/content-menu.tsx'
import { TreePane } from '../packets/tree-pane.tsx'
import '../packets/detail.css'
import { clearings, clearRetained, isLive, publishTo, showTopicPackets } from './actions.ts'
import { Retained } from './retained-message.tsx'
import type { TopicTab } from './store.ts'
import { TopicChart } from './topic-chart.tsx'
import { Value } from './topic-list.tsx'
import { qosText, totalsText } from './words.ts'

export function TopicDetail() {
  const model = useModel()
  const row = useStore(model.topics, (state) => state.row)
  const tab = useStore(model.topics, (state) => state.tab)
  const error = useStore(model.topics, (state) => state.error)
  if (!row) return null
  const tabs = tabsOf(row, isLive(model))
  const shown = tabs.find(([id]) => id === tab)?.[0] ?? tabs[0]?.[0]
  return (
    <section className="topic-detail" id="topic-detail" aria-label={`Topic ${row.path}`} tabIndex={-1}>
      <header className="topic-caption">
        <h2 className="mono">{row.path}</h2>
        <CopyButton text={row.path} label="Copy the topic" />
        <p className="number dim">
          {totalsText(row)} · {size(row.bytes)}
        </p>
        <div className="topic-buttons">
          <button type="button" className="button" onClick={() => showTopicPackets(model, row)}>
            Show its packets
          </button>
          <button type="button" className="button" onClick={() => publishTo(model, row)}>
            Publish to it
          </button>
          {isLive(model) &&
            clearings(row).map(({ title, below }) => (
              <button
                key={title}
                type="button"
                className="button"
                title="Subscribers are not told; it can be undone"
                onClick={() => void clearRetained(model, row, below)}
              >
                {title}
              </button>
            ))}
        </div>
      </header>
      {shown !== undefined && (
        <div className="caption">
          <Tabs
            label="What is shown of the topic"
            tabs={tabs}
            selected={shown}
            onSelect={model.topics.open}
          />
        </div>
      )}
      {shown === 'retained' ? (
        <Retained key={row.path} row={row} />
      ) : !row.isTopic ? (
        <Empty>{branchText(row)}</Empty>
      ) : error ? (
        <Empty>{error.message}</Empty>
      ) : shown === 'chart' ? (
        <TopicChart />
      ) : (
        <Messages />
      )}
    </section>
  )
}

/** Of a stored capture nothing is kept any more. */
const tabsOf = (
  { isTopic, isRetained }: TopicRow,
  live: boolean,
): readonly (readonly [TopicTab, string])[] => [
  ...(isTopic
    ? ([
        ['messages', 'Messages'],
        ['chart', 'Chart'],
      ] as const)
    : []),
  ...(isRetained && live ? ([['retained', 'Retained message']] as const) : []),
]

const branchText = ({ kind, topics, path }: TopicRow): string =>
  kind === 'folded'
    ? 'There were too many topics to tell all apart. The search of the packets finds those that are not here.'
    : `Nothing was published to ${path} itself. Open it to see the ${count(topics)} below.`

const columns: readonly GridColumn<TopicMessage>[] = [
  { title: 'Time (UTC)', width: '108px', cell: ({ at }) => clock(at), hint: ({ at }) => dateTime(at) },
  { title: 'From', width: 'minmax(80px, 0.5fr)', cell: ({ from }) => from, hint: ({ from }) => from },
  { title: 'QoS', width: '64px', cell: qosText },
  { title: 'Bytes', width: '60px', right: true, cell: ({ length }) => count(length) },
  {
    title: 'Value',
    width: 'minmax(100px, 1fr)',
    mono: true,
    cell: ({ usp, info, length }) => <Value usp={usp} info={info} length={length} />,
    hint: ({ info }) => info,
  },
]

function Messages() {
  const { topics } = useModel()
  const messages = useStore(topics, (state) => state.messages)
  const held = useStore(topics, (state) => state.held)
  const [ratio, setRatio] = useSplit('topic-messages', 0.4)
  if (!messages) return <div aria-busy="true" />
  const newest = messages.messages[0]
  if (!newest)
    return (
      <Empty>
        No message of it is in the capture: all were refused, or their packets made room for newer ones.
      </Empty>
    )
  const shown = held ?? newest.no
  return (
    <Split
      direction="down"
      label="Height of the messages"
      ratio={ratio}
      onRatio={setRatio}
      first={
        <div className="topic-messages">
          <Grid
            id="topic-messages"
            label="Messages of the topic, newest first"
            columns={columns}
            rows={messages.messages}
            keyOf={({ no }) => no}
            selected={shown}
            onSelect={({ no }) => topics.hold(no === newest.no ? undefined : no)}
          />
          {messages.older && (
            <p className="dim topic-note">
              The newest {messages.messages.length}; the others are among its packets.
            </p>
          )}
        </div>
      }
      second={<Message no={shown} held={held !== undefined} />}
    />
  )
}

function Message({ no, held }: { no: number; held: boolean }) {
  const model = useModel()
  const { topics } = model
  const detail = topics.detail()
  const packet = useStore(detail, (state) => state.packet)
  const [selected, setSelected] = useState({ packet, path: undefined as string | undefined })
  const capture = topics.list.getState().params.capture
  return (
    <div className="topic-message">
      <div className="caption">
        <button type="button" className="link number" onClick={() => void showPacket(model, capture, no)}>
          packet {no}
        </button>
        {held ? (
          <button type="button" className="link" onClick={() => topics.hold(undefined)}>
            follow the newest
          </button>
        ) : (
          <span className="dim">the newest, as it comes</span>
        )}
        <span className="spacer" />
        {packet && <ContentMenu packet={packet} />}
      </div>
      {packet && (
        <TreePane
          id="topic-message"
          label="Fields of the message"
          no={packet.row.no}
          fields={packet.fields}
          bytes={packet.bytes}
          path={selected.packet === packet ? selected.path : undefined}
          onSelect={(path) => setSelected({ packet, path })}
        />
      )}
    </div>
  )
}
