/** A transaction whole: how it went, what it belongs to, and its request beside its answer. */
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import type { TransactionRow } from '../../../shared/contract/transactions.ts'
import { agentRequests } from '../../../shared/usp/kinds.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { latencyText, timeOfDay } from '../../ui/format.ts'
import { Empty, State } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { seenRequestOf } from '../messages/send-again.ts'
import { showPacket } from '../packets/actions.ts'
import { TreePane } from '../packets/tree-pane.tsx'
import { outcomeText, outcomeTone } from './words.ts'
import '../packets/detail.css'

export function TransactionDetailPane() {
  const { transactions } = useModel()
  const row = useStore(transactions, (state) => state.row)
  const request = useStore(transactions, (state) => state.request)
  const answer = useStore(transactions, (state) => state.answer)
  const [ratio, setRatio] = useSplit('transaction', 0.5)
  return (
    <section
      className="detail"
      id="transaction-detail"
      aria-label={row ? `Transaction ${row.id}` : 'Transaction'}
      tabIndex={-1}
    >
      {row && (
        <>
          <Caption row={row} />
          <Links row={row} />
          <Split
            direction="across"
            label="Width of the request"
            ratio={ratio}
            onRatio={setRatio}
            first={<Side title="Request" packet={request} row={row} which="request" />}
            second={<Side title="Answer" packet={answer} row={row} which="answer" />}
          />
        </>
      )}
    </section>
  )
}

function Caption({ row }: { row: TransactionRow }) {
  const model = useModel()
  const run = (id: string) => () => void runCommand(commandById(id), model)
  return (
    <header className="caption transaction-caption">
      <State tone={outcomeTone(row)}>{outcomeText(row)}</State>
      <b className="usp">{row.type}</b>
      <span className="cut" title={row.summary}>
        {row.summary}
      </span>
      <span className="spacer" />
      <SendAgain row={row} />
      <button type="button" className="button" onClick={run('transactions.ladder')}>
        Show in the ladder
      </button>
      <button type="button" className="button" onClick={run('transactions.packets')}>
        Show its packets
      </button>
    </header>
  )
}

/** Only for what a device is asked. */
function SendAgain({ row }: { row: TransactionRow }) {
  const model = useModel()
  const packet = useStore(model.transactions, (state) => state.request)
  const seen = useMemo(() => packet && seenRequestOf(packet), [packet])
  if (row.type === 'Error' || agentRequests.has(row.type)) return null
  const command = commandById('messages.again')
  return (
    <button
      type="button"
      className="button"
      disabled={!seen}
      title={seen ? 'Opens it in Messages, with its device' : 'No packet that is held has the whole request'}
      onClick={() => void runCommand(command, model)}
    >
      Send again
    </button>
  )
}

/** Where it was seen, and what it belongs to; everything can be gone to. */
function Links({ row }: { row: TransactionRow }) {
  const { device, controller, msgId, latencyMs, repeats, duplicates, retryOf, completes, completedBy } = row
  return (
    <p className="transaction-links number">
      <span>
        {device} <span className="dim">with</span> {controller}
      </span>
      <span>
        <span className="dim">msg_id</span> <span className="mono">{msgId}</span>
      </span>
      {latencyMs !== undefined && (
        <span>
          <span className="dim">latency</span> {latencyText(latencyMs)}
        </span>
      )}
      {repeats.length > 0 && <Packets title="asked again in" packets={repeats} />}
      {duplicates.length > 0 && <Packets title="answered again in" packets={duplicates} />}
      {retryOf !== undefined && <Others title="says again what was said in" ids={[retryOf]} />}
      {completes !== undefined && <Others title="ends the Operate of" ids={[completes]} />}
      {completedBy.length > 0 && <Others title="ended by" ids={completedBy} />}
    </p>
  )
}

/** Links shown of one kind; the rest is a number. */
const MAX_LINKS = 8
const firstOf = (numbers: readonly number[]) => ({
  shown: numbers.slice(0, MAX_LINKS),
  more: numbers.length > MAX_LINKS ? ` and ${numbers.length - MAX_LINKS} more` : '',
})

function Packets({ title, packets }: { title: string; packets: readonly number[] }) {
  const { shown, more } = firstOf(packets)
  return (
    <span>
      <span className="dim">{title}</span>{' '}
      {shown.map((no) => (
        <PacketLink key={no} no={no} />
      ))}
      {more}
    </span>
  )
}

function PacketLink({ no }: { no: number }) {
  const model = useModel()
  const { list } = model.transactions
  return (
    <button
      type="button"
      className="link"
      onClick={() => void showPacket(model, list.getState().params.capture, no)}
    >
      packet {no}
    </button>
  )
}

function Others({ title, ids }: { title: string; ids: readonly number[] }) {
  const model = useModel()
  const { shown, more } = firstOf(ids)
  const show = async (id: number) => {
    if (await model.transactions.show(id)) return
    const message = `Transaction ${id} was dropped: there were too many.`
    model.notices.getState().fail({ code: 'not-found', message })
  }
  return (
    <span>
      <span className="dim">{title}</span>{' '}
      {shown.map((id) => (
        <button key={id} type="button" className="link" onClick={() => void show(id)}>
          transaction {id}
        </button>
      ))}
      {more}
    </span>
  )
}

interface SideProps {
  readonly title: string
  readonly packet: PacketDetail | undefined
  readonly row: TransactionRow
  readonly which: 'request' | 'answer'
}

/** The Record in a packet; the rest of it is looked at in Packets. */
const uspFields = (packet: PacketDetail | undefined) =>
  (packet?.fields ?? []).filter(({ name }) => name === 'usp' || name.startsWith('usp.'))

function Side({ title, packet, row, which }: SideProps) {
  const fields = useMemo(() => uspFields(packet), [packet])
  const [selected, setSelected] = useState({ packet, path: undefined as string | undefined })
  const seen = row[which]
  return (
    <section className="transaction-side" aria-label={title}>
      <h3>
        {title}
        {seen && (
          <>
            {' '}
            <PacketLink no={seen.no} />
            {seen.passedOn !== undefined && (
              <>
                <span className="dim">passed on in</span> <PacketLink no={seen.passedOn} />
              </>
            )}
          </>
        )}
        <span className="spacer" />
        {packet && <span className="number dim">{timeOfDay(packet.row, 9)} UTC</span>}
      </h3>
      {seen === undefined ? (
        <Empty>{absent(row, which)}</Empty>
      ) : (
        packet && (
          <TreePane
            id={`transaction-${which}`}
            label={`Fields of the ${which}`}
            no={packet.row.no}
            fields={fields}
            bytes={packet.bytes}
            path={selected.packet === packet ? selected.path : undefined}
            onSelect={(path) => setSelected({ packet, path })}
          />
        )
      )}
    </section>
  )
}

function absent(row: TransactionRow, which: 'request' | 'answer'): string {
  if (which === 'request') {
    return row.outcome === 'orphan'
      ? 'No request with this msg_id was seen between the two: it was sent before the capture began, or the answer carries the wrong msg_id (R-MSG.9).'
      : 'The packet of the request is no longer in the capture.'
  }
  switch (row.outcome) {
    case 'silent':
      return 'None is due: the request has send_resp false.'
    case 'waiting':
      return 'The answer has not come yet.'
    case 'timeout':
    case 'unanswered':
      return row.verdict === 'refused'
        ? 'The bench refused the request, so nobody got it: see its packet.'
        : row.request?.passedOn === undefined
          ? 'None was seen. The request was not passed on to anybody: is its receiver connected, and subscribed to this topic?'
          : 'None was seen, although the request was passed on (R-MSG.0).'
    default:
      return 'The packet of the answer is no longer in the capture.'
  }
}
