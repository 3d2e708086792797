/** MQTT clients of the bench’s own: connections, what they send and receive, and the message that is being written. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { FilterEditor } from '../../filter/filter-editor.tsx'
import { Choice } from '../../ui/choice.tsx'
import { count, plural } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { FollowButton } from '../../list/follow-button.tsx'
import { clearPackets, editProfile, toggleConnection } from './actions.ts'
import { ConnectionBar } from './connection-bar.tsx'
import { ConnectionsPane } from './connections-pane.tsx'
import { ClientPacketPane } from './packet-detail.tsx'
import { ClientPacketList } from './packet-list.tsx'
import { PublishPane } from './publish-pane.tsx'
import { connectionInFront, isOn, profileInFront, type Only } from './store.ts'
import { SubscriptionsBar } from './subscriptions-bar.tsx'
import '../../list/list.css'
import '../packets/packets.css'
import './client.css'
import './client-forms.css'

export function ClientView() {
  const model = useModel()
  const any = useStore(model.client, (state) => state.profiles === undefined || state.profiles.length > 0)
  const [side, setSide] = useSplit('client-side', 0.17)
  const [list, setList] = useSplit('client-list', 0.5)
  const [publish, setPublish] = useSplit('client-publish', 0.5)
  return (
    <div className="list-view">
      <Split
        direction="across"
        label="Width of the connections"
        ratio={side}
        onRatio={setSide}
        first={<ConnectionsPane />}
        second={
          any ? (
            <Split
              direction="down"
              label="Height of the list"
              ratio={list}
              onRatio={setList}
              first={<Traffic />}
              second={
                <Split
                  direction="across"
                  label="Width of the message"
                  ratio={publish}
                  onRatio={setPublish}
                  first={<PublishPane />}
                  second={<ClientPacketPane />}
                />
              }
            />
          ) : (
            <Empty
              action={
                <button type="button" className="button main" onClick={() => editProfile(model, undefined)}>
                  Make a connection
                </button>
              }
            >
              Connections to this bench or to any other broker stand on the left.
            </Empty>
          )
        }
      />
    </div>
  )
}

function Traffic() {
  const current = useStore(useModel().client, (state) => state.current)
  return (
    <div className="client-traffic">
      <ConnectionBar key={current} />
      <SubscriptionsBar />
      <Filter />
      <ListOrReason />
    </div>
  )
}

const kinds: readonly (readonly [Only, string])[] = [
  ['all', 'All packets'],
  ['messages', 'Messages'],
  ['received', 'Received'],
  ['published', 'Published'],
]

function Filter() {
  const model = useModel()
  const { client, look, settings } = model
  const filter = useStore(client, (state) => state.filter)
  const only = useStore(client, (state) => state.only)
  const dropped = useStore(client, (state) => state.clients.dropped)
  const recent = useStore(settings, (state) => state.recentFilters)
  const saved = useStore(look, (state) => state.savedFilters)
  const total = useStore(client.list, (state) => state.total)
  const progress = useStore(client.list, (state) => state.progress)
  const toList = () => document.getElementById('client-list')?.focus()
  return (
    <div className="filter-bar">
      <Choice label="Which packets" options={kinds} value={only} onChange={client.setOnly} />
      <FilterEditor
        id="client-filter"
        label="Filter the packets of the client"
        placeholder='Filter: words, or  mqtt.prop.user["k"] == "v"'
        value={filter}
        capture="live"
        recent={recent}
        saved={saved}
        onChange={client.setFilter}
        onEnter={toList}
        onLeave={toList}
      />
      <span className="number dim found" role="status">
        {plural(total, 'packet')}
        {dropped > 0 && (
          <span className="warn" title="Of all connections: the newest 20,000 packets or 32 MiB are kept">
            {' '}
            · {count(dropped)} dropped
          </span>
        )}
      </span>
      <FollowButton list={client.list} />
      <button
        type="button"
        className="button"
        disabled={total === 0 && filter === ''}
        title="Clear the packets and figures of this connection, on the disk, too"
        onClick={() => clearPackets(model)}
      >
        Clear
      </button>
      {progress !== undefined && (
        <progress className="search-progress" aria-label="Searching" max={1} value={progress} />
      )}
    </div>
  )
}

function ListOrReason() {
  const model = useModel()
  const { client } = model
  const empty = useStore(
    client.list,
    (state) => state.loaded && state.total === 0 && state.progress === undefined,
  )
  const error = useStore(client.list, (state) => state.error)
  const isFiltered = useStore(client.list, ({ params }) => params.filter !== '' || params.only !== 'all')
  const connection = useStore(client, connectionInFront)
  const profile = useStore(client, profileInFront)
  if (error) return <Empty>{error.message}</Empty>
  if (!empty) return <ClientPacketList />
  if (isFiltered)
    return (
      <Empty
        action={
          <button
            type="button"
            className="button"
            onClick={() => {
              client.setFilter('', true)
              client.setOnly('all')
            }}
          >
            Show all packets
          </button>
        }
      >
        No packet of this client matches.
      </Empty>
    )
  if (isOn(connection)) return <Empty>Packets stand here as they are sent and received.</Empty>
  return (
    <Empty
      action={
        <button type="button" className="button main" onClick={() => toggleConnection(model)}>
          Connect
        </button>
      }
    >
      Connect {profile?.name ?? 'the client'}, subscribe to a topic, and every packet stands here with its
      properties in their order.
    </Empty>
  )
}
