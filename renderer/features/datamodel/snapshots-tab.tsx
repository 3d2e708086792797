/** Snapshots of devices, and what differs between two sides. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { Compared, Difference, SnapshotInfo } from '../../../shared/contract/snapshots.ts'
import type { Result } from '../../../shared/contract/result.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { count, dateTime, plural, size } from '../../ui/format.ts'
import { ConfirmButton, Empty } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { useDevice, useKnownDevices } from '../devices/use-devices.ts'
import { DifferencePane } from './difference-pane.tsx'

const CALL = 'datamodel-compare'

export function SnapshotsTab() {
  const { host } = useModel()
  const [ratio, setRatio] = useSplit('snapshots', 0.42)
  const [found, setFound] = useState<Result<Difference>>()
  const [busy, setBusy] = useState(false)
  // Files may have been put there by hand.
  useEffect(() => void host.call('model.listSnapshots', undefined), [host])
  const compare = async (left: Compared, right: Compared) => {
    setBusy(true)
    const answer = await host.call('model.compare', { left, right, call: CALL })
    setBusy(false)
    setFound(answer)
  }
  return (
    <Split
      direction="down"
      label="Height of the list of snapshots"
      ratio={ratio}
      onRatio={setRatio}
      first={
        <div className="model-table-pane">
          <TakeBar />
          <List />
        </div>
      }
      second={
        <div className="model-table-pane">
          <CompareBar
            busy={busy}
            onCompare={(left, right) => void compare(left, right)}
            onCancel={() => void host.call('usp.cancel', { call: CALL })}
          />
          {found ? (
            found.ok ? (
              <DifferencePane difference={found.value} />
            ) : (
              <Empty>{found.error.message}</Empty>
            )
          ) : (
            <Empty>
              {busy ? 'Comparing…' : 'Choose two sides: snapshots, devices as they are now, or firmwares.'}
            </Empty>
          )}
        </div>
      }
    />
  )
}

/** A snapshot of the whole device, or of the object under the cursor of the tree. */
function TakeBar() {
  const model = useModel()
  const { endpointId, selected } = useStore(model.dataModel)
  const [name, setName] = useState('')
  const [part, setPart] = useState(false)
  const object = selected?.endsWith('.') && !selected.includes('{i}') ? selected : undefined
  const take = async () => {
    if (endpointId === undefined) return
    const paths = part && object !== undefined ? [object] : ['Device.']
    const done = await model.run('model.takeSnapshot', { endpointId, paths, name: name.trim(), note: '' })
    if (done) setName('')
  }
  return (
    <form
      className="filter-bar"
      onSubmit={(event) => {
        event.preventDefault()
        void take()
      }}
    >
      <input
        className="input model-snapshot-name"
        aria-label="Name of the snapshot"
        placeholder="Name, e.g. before the upgrade"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <select
        className="input"
        aria-label="What is kept"
        value={part && object !== undefined ? 'part' : 'all'}
        onChange={(event) => setPart(event.target.value === 'part')}
      >
        <option value="all">Everything</option>
        {object !== undefined && object !== 'Device.' && <option value="part">{object} only</option>}
      </select>
      <button type="submit" className="button main" disabled={endpointId === undefined}>
        Take a snapshot
      </button>
      <span className="dim cut">
        {endpointId === undefined ? 'Choose a device above first.' : `of ${endpointId}, kept in snapshots/`}
      </span>
    </form>
  )
}

function List() {
  const model = useModel()
  const { list, unreadable } = useStore(model.live, (state) => state.snapshots)
  if (list.length === 0 && unreadable.length === 0)
    return <Empty>A snapshot keeps every value of a device, to be compared later. None was taken yet.</Empty>
  return (
    <div className="model-scroll">
      <table className="model-table">
        <thead>
          <tr>
            {['Taken', 'Name', 'Device', 'Software', 'Of', 'Values', 'Size', ''].map((title) => (
              <th key={title}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.map((info) => (
            <SnapshotLine key={info.id} info={info} />
          ))}
          {unreadable.map(({ file, text }) => (
            <tr key={file}>
              <td />
              <td className="bad" colSpan={7}>
                {file} cannot be read: {text}.
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function SnapshotLine({ info }: { info: SnapshotInfo }) {
  const model = useModel()
  const { id, name, note, endpointId, softwareVersion, takenAt, paths, values, failures, bytes } = info
  const rename = (wished: string) => {
    if (wished !== name) void model.run('model.renameSnapshot', { id, name: wished, note })
  }
  return (
    <tr>
      <td className="number" title={`snapshots/${id}.json`}>
        {dateTime(takenAt).slice(0, 19)}
      </td>
      <td>
        <input
          key={name}
          className="in-place"
          aria-label={`Name of the snapshot ${id}`}
          placeholder="Unnamed"
          defaultValue={name}
          maxLength={200}
          onBlur={(event) => rename(event.target.value.trim())}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
      </td>
      <td>{endpointId}</td>
      <td>{softwareVersion}</td>
      <td className="mono">{paths.join(', ')}</td>
      <td className="number">
        {count(values)}
        {failures > 0 && <span className="warn"> ({plural(failures, 'part')} not read)</span>}
      </td>
      <td className="number">{size(bytes)}</td>
      <td>
        <ConfirmButton
          question="Move it to the trash?"
          onConfirm={() => void model.run('model.deleteSnapshot', { id })}
        >
          Delete
        </ConfirmButton>
      </td>
    </tr>
  )
}

interface CompareProps {
  readonly busy: boolean
  readonly onCompare: (left: Compared, right: Compared) => void
  readonly onCancel: () => void
}

interface Side {
  readonly key: string
  readonly title: string
  readonly compared: Compared
}

function CompareBar({ busy, onCompare, onCancel }: CompareProps) {
  const { sides, unlisted } = useSides()
  const [left, setLeft] = useState<string>()
  const [right, setRight] = useState<string>()
  // What is asked for most: the newest snapshot against the device as it is now.
  const first = sides.find(({ key }) => key === left) ?? sides.find(({ key }) => key.startsWith('snapshot'))
  const second = sides.find(({ key }) => key === right) ?? sides.find(({ key }) => key.startsWith('device'))
  const ready = first !== undefined && second !== undefined && first !== second
  return (
    <div className="filter-bar">
      <SideChoice label="Before" sides={sides} unlisted={unlisted} side={first} onChoose={setLeft} />
      <span className="dim">with</span>
      <SideChoice label="After" sides={sides} unlisted={unlisted} side={second} onChoose={setRight} />
      {busy ? (
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      ) : (
        <button
          type="button"
          className="button main"
          disabled={!ready}
          onClick={() => ready && onCompare(first.compared, second.compared)}
        >
          Compare
        </button>
      )}
    </div>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly sides: readonly Side[]
  /** Devices that could be offered, too. */
  readonly unlisted: number
  readonly side: Side | undefined
  readonly onChoose: (key: string) => void
}

function SideChoice({ label, sides, unlisted, side, onChoose }: ChoiceProps) {
  return (
    <select
      className="input model-side"
      aria-label={label}
      value={side?.key ?? ''}
      onChange={(event) => onChoose(event.target.value)}
    >
      {!side && <option value="">{label}</option>}
      {sides.map(({ key, title }) => (
        <option key={key} value={key}>
          {title}
        </option>
      ))}
      {unlisted > 0 && (
        <option disabled>{plural(unlisted, 'device')} seen longer ago: choose it at the top first</option>
      )}
    </select>
  )
}

/** Everything that can be compared: snapshots, devices now, firmwares of the chosen device. */
function useSides(): { readonly sides: readonly Side[]; readonly unlisted: number } {
  const { host, dataModel, live } = useModel()
  const { endpointId, model } = useStore(dataModel)
  const { devices, total } = useKnownDevices()
  const chosen = useDevice(endpointId)
  const { list } = useStore(live, (state) => state.snapshots)
  const [versions, setVersions] = useState<readonly { readonly softwareVersion: string }[]>([])
  useEffect(() => {
    let over = false
    const read = async () => {
      const answer = endpointId === undefined ? undefined : await host.call('model.versions', { endpointId })
      if (!over) setVersions(answer?.ok ? answer.value : [])
    }
    void read()
    return () => {
      over = true
    }
  }, [host, endpointId, model])
  // The device that is looked at stands first, for it is offered.
  const others = devices.filter((one) => one.role !== 'controller' && one.endpointId !== endpointId)
  const online = [...(chosen ? [chosen] : []), ...others].filter((one) => one.online)
  const sides = [
    ...list.map((info) => ({
      key: `snapshot ${info.id}`,
      title: `Snapshot: ${info.name || dateTime(info.takenAt).slice(0, 19)} · ${info.endpointId}`,
      compared: { kind: 'snapshot', id: info.id } as const,
    })),
    ...online.map((one) => ({
      key: `device ${one.endpointId}`,
      title: `Now: ${one.endpointId}`,
      compared: { kind: 'device', endpointId: one.endpointId } as const,
    })),
    ...(endpointId === undefined
      ? []
      : versions.map(({ softwareVersion }) => ({
          key: `model ${softwareVersion}`,
          title: `Supported by software ${softwareVersion || 'unknown'} · ${endpointId}`,
          compared: { kind: 'model', endpointId, softwareVersion } as const,
        }))),
  ]
  return { sides, unlisted: Math.max(0, total - devices.length) }
}
