/** The certificates made for devices: a table, its filter, and the one under the cursor. */
import { useMemo, useEffect } from 'react'
import { useStore } from 'zustand'
import type { CertificatesState } from '../../../shared/contract/certificates.ts'
import { focus } from '../../app/command.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { FilterInput } from '../../list/filter-input.tsx'
import { useNow } from '../../ui/clock.ts'
import { count, dateTime, plural } from '../../ui/format.ts'
import { Empty, State } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { CertificateDetail } from './certificate-detail.tsx'
import { ENDPOINT_FIELD } from './commands.ts'
import { certificateRows, day, filterRows, stateTones, stateWords, type CertificateRow } from './facts.ts'
import { MakeForm } from './make-form.tsx'

const LIST = 'certificates-list'
const MINUTE = 60_000

const columns: readonly GridColumn<CertificateRow>[] = [
  {
    title: 'State',
    width: '110px',
    cell: ({ state }) => <State tone={stateTones[state]}>{stateWords[state]}</State>,
    hint: ({ revokedAt }) => revokedAt && `Revoked ${dateTime(Date.parse(revokedAt))}`,
  },
  {
    title: 'Endpoint ID',
    width: 'minmax(180px, 2fr)',
    cell: ({ endpointId, newest }) => (
      <>
        {endpointId} {!newest && <span className="dim">a newer one was made</span>}
      </>
    ),
    hint: ({ endpointId }) => endpointId,
  },
  {
    title: 'User',
    width: 'minmax(80px, 1fr)',
    cell: ({ username }) => username ?? <span className="dim">none</span>,
    hint: ({ username }) => username,
  },
  {
    title: 'Until',
    width: '104px',
    cell: ({ notAfter }) => day(notAfter),
    hint: ({ notAfter }) => dateTime(Date.parse(notAfter)),
  },
  {
    title: 'Serial',
    width: 'minmax(90px, 1.3fr)',
    mono: true,
    cell: ({ serial }) => serial,
    hint: ({ serial }) => serial,
  },
]

export function DeviceCertificates({ lab }: { lab: CertificatesState }) {
  const { certificates } = useModel()
  const filter = useStore(certificates, (state) => state.filter)
  const selected = useStore(certificates, (state) => state.selected)
  const [ratio, setRatio] = useSplit('certificates', 0.42)
  // What ends, ends at a second; a list of thousands need not be looked through that often.
  const minute = Math.floor(useNow() / MINUTE) * MINUTE
  const rows = useMemo(() => certificateRows(lab.devices, minute), [lab.devices, minute])
  const found = useMemo(() => filterRows(rows, filter), [rows, filter])
  const chosen = rows.find(({ serial }) => serial === selected)
  return (
    <section className="card certificate-devices" aria-label="Device certificates">
      <header className="card-head">
        <h2>Device certificates</h2>
        <small className="number" role="status">
          {filter.trim()
            ? `${count(found.length)} of ${count(rows.length)}`
            : plural(rows.length, 'certificate')}
        </small>
      </header>
      <div className="certificate-bar">
        <MakeForm lab={lab} />
        {rows.length > 0 && (
          <FilterInput
            id="certificates-filter"
            label="Filter certificates"
            placeholder="Filter: endpoint ID, user, serial, state"
            value={filter}
            onChange={certificates.setFilter}
            listId={LIST}
          />
        )}
      </div>
      <Split
        direction="down"
        label="Height of the list of certificates"
        ratio={ratio}
        onRatio={setRatio}
        first={<List rows={found} all={rows.length} />}
        second={chosen && <CertificateDetail key={chosen.serial} row={chosen} lab={lab} />}
      />
    </section>
  )
}

function List({ rows, all }: { rows: readonly CertificateRow[]; all: number }) {
  const { certificates } = useModel()
  const filter = useStore(certificates, (state) => state.filter)
  const selected = useStore(certificates, (state) => state.selected)
  useEffect(() => {
    // Arrow keys work at once, unless something else has the keyboard.
    if (document.activeElement === document.body)
      document.getElementById(LIST)?.focus({ preventScroll: true })
  }, [])
  if (all === 0)
    return (
      <Empty
        action={
          <button type="button" className="button main" onClick={() => focus(ENDPOINT_FIELD)}>
            Make a certificate
          </button>
        }
      >
        A device with a certificate of this lab proves its endpoint ID in the TLS handshake and needs no
        password. None was made yet.
      </Empty>
    )
  if (rows.length === 0)
    return (
      <Empty
        action={
          <button type="button" className="button" onClick={() => certificates.setFilter('')}>
            Clear the filter
          </button>
        }
      >
        None of {plural(all, 'certificate')} has: {filter}
      </Empty>
    )
  return (
    <Grid
      id={LIST}
      label="Device certificates"
      columns={columns}
      rows={rows}
      keyOf={({ serial }) => serial}
      selected={selected}
      onSelect={({ serial }) => certificates.select(serial)}
      onKey={({ key }) => {
        if (key === 'Enter') focus('certificate-detail')
        else if (key === 'Escape') certificates.select(undefined)
        else return false
        return true
      }}
    />
  )
}
