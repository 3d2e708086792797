/** The data model of one device: tree, watched parameters, snapshots, subscriptions. */
import type { ComponentType } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { FilterInput } from '../../list/filter-input.tsx'
import { useNow } from '../../ui/clock.ts'
import { ago, plural } from '../../ui/format.ts'
import { Empty, State, Tabs } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { ChooseDevice, DevicePicker } from '../devices/device-picker.tsx'
import { useDevice } from '../devices/use-devices.ts'
import { DetailPane } from './detail-pane.tsx'
import { SnapshotsTab } from './snapshots-tab.tsx'
import type { ModelTab } from './store.ts'
import { SubscriptionsTab } from './subscriptions-tab.tsx'
import { TREE, TreePane, useLines } from './tree-pane.tsx'
import { WatchTab } from './watch-tab.tsx'
import '../../list/list.css'
import './datamodel.css'

const tabs = [
  ['tree', 'Tree'],
  ['watch', 'Watch'],
  ['snapshots', 'Snapshots and differences'],
  ['subscriptions', 'Subscriptions'],
] as const satisfies readonly (readonly [ModelTab, string])[]

const panes: Readonly<Record<ModelTab, ComponentType>> = {
  tree: TreeTab,
  watch: WatchTab,
  snapshots: SnapshotsTab,
  subscriptions: SubscriptionsTab,
}

export function DataModelView() {
  const { dataModel } = useModel()
  const tab = useStore(dataModel, (state) => state.tab)
  const Pane = panes[tab]
  return (
    <div className="model-view">
      <div className="model-bar">
        <Device />
        <span className="spacer" />
        <Tabs label="Data model" tabs={tabs} selected={tab} onSelect={dataModel.show} />
      </div>
      <Pane />
    </div>
  )
}

function Device() {
  const { dataModel } = useModel()
  const endpointId = useStore(dataModel, (state) => state.endpointId)
  const device = useDevice(endpointId)
  return (
    <>
      <DevicePicker
        label="Device"
        text={endpointId ?? 'Choose a device'}
        selected={endpointId === undefined ? [] : [endpointId]}
        onSelect={([chosen]) => chosen !== undefined && dataModel.choose(chosen)}
      />
      {device && (
        <State tone={device.online ? 'ok' : 'off'}>
          {device.online ? 'online' : 'offline'}
          {device.usp?.modelName !== undefined && (
            <span className="dim cut">
              {device.usp.modelName} {device.usp.softwareVersion}
            </span>
          )}
        </State>
      )}
    </>
  )
}

function TreeTab() {
  const model = useModel()
  const endpointId = useStore(model.dataModel, (state) => state.endpointId)
  const hasModel = useStore(model.dataModel, (state) => state.model !== undefined)
  if (endpointId === undefined) {
    return (
      <ChooseDevice onChoose={model.dataModel.choose} onAttach={() => model.show('attach')}>
        The objects, parameters and commands of a device stand here, to be read and changed.
      </ChooseDevice>
    )
  }
  return hasModel ? <Tree /> : <Unread />
}

function Unread() {
  const { dataModel, live } = useModel()
  const { endpointId, busy, error } = useStore(dataModel)
  const reading = useStore(live, (state) => state.usp?.reading.find((one) => one.endpointId === endpointId))
  return (
    <Empty
      action={
        busy === undefined ? (
          <button type="button" className="button main" onClick={() => void dataModel.readModel()}>
            Read its data model
          </button>
        ) : (
          <button type="button" className="button" onClick={dataModel.cancel}>
            Cancel
          </button>
        )
      }
    >
      {error && <span className="bad">{error.message} </span>}
      {busy === undefined ? (
        'What this device supports has not been read yet. It is asked once, and kept in the workspace.'
      ) : (
        <>
          {busy}: {plural(reading?.objects ?? 0, 'object')} so far{' '}
          <progress max={1} value={reading?.progress ?? 0} aria-label={busy} />
        </>
      )}
    </Empty>
  )
}

const paces = [0, 2, 5, 10, 30] as const

function Tree() {
  const { dataModel } = useModel()
  const search = useStore(dataModel, (state) => state.search)
  const selected = useStore(dataModel, (state) => state.selected)
  const pace = useStore(dataModel, (state) => state.refreshSeconds)
  const [ratio, setRatio] = useSplit('datamodel', 0.68)
  const lines = useLines()
  const line = lines.find((one) => one.path === selected)
  return (
    <div className="list-view">
      <div className="filter-bar">
        <FilterInput
          id="datamodel-filter"
          label="Search the data model"
          placeholder="Search: words in path or value"
          value={search}
          onChange={dataModel.setSearch}
          listId={TREE}
        />
        <span className="number dim found" role="status">
          {plural(lines.filter(({ kind }) => kind === 'parameter').length, 'parameter')}
        </span>
        <select
          className="input"
          aria-label="Read what is in sight again"
          title="Read what is in sight again"
          value={pace}
          onChange={(event) => dataModel.setRefresh(Number(event.target.value))}
        >
          {paces.map((seconds) => (
            <option key={seconds} value={seconds}>
              {seconds === 0 ? 'Read when asked' : `Read each ${seconds} s`}
            </option>
          ))}
        </select>
        <Reading />
      </div>
      <Split
        direction="across"
        label="Width of the tree"
        ratio={ratio}
        onRatio={setRatio}
        first={<TreePane lines={lines} />}
        second={<DetailPane line={line} />}
      />
    </div>
  )
}

/** What was read when, and how to read it again. */
function Reading() {
  const { dataModel } = useModel()
  const { busy, model, error, endpointId } = useStore(dataModel)
  const software = useDevice(endpointId)?.usp?.softwareVersion
  const now = useNow()
  if (busy !== undefined) {
    return (
      <>
        <span className="dim">{busy}…</span>
        <button type="button" className="button" onClick={dataModel.cancel}>
          Cancel
        </button>
      </>
    )
  }
  const isOld =
    model?.softwareVersion !== undefined && software !== undefined && model.softwareVersion !== software
  return (
    <>
      {error && (
        <span className="bad cut" title={error.message} role="alert">
          {error.message}
        </span>
      )}
      {isOld && (
        <span className="warn cut">
          Read from software {model.softwareVersion}; the device runs {software}.
        </span>
      )}
      <button type="button" className="button" onClick={() => void dataModel.readAll()}>
        Read all values
      </button>
      <button
        type="button"
        className="button"
        title={model ? `Objects and types were read ${ago(model.readAt, now)}` : ''}
        onClick={() => void dataModel.readModel()}
      >
        Read the model again
      </button>
    </>
  )
}
