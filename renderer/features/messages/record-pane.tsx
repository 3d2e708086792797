/** A Record as bytes, right or wrong: written in hexadecimal, decoded while it is typed, published as it is. */
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { plainRecord } from '../../../shared/usp/build-record.ts'
import { encodeMsg } from '../../../shared/usp/codec.ts'
import { fill } from '../../../shared/usp/forms/draft.ts'
import { JsonFault } from '../../../shared/usp/json-check.ts'
import { requestFromJson, withHeader } from '../../../shared/usp/request-json.ts'
import { dissectRecord } from '../../../shared/usp/record.ts'
import { Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { hexString } from '../../ui/hex.ts'
import { plural } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { showPacket } from '../packets/actions.ts'
import { AnswerTree } from './answer-tree.tsx'
import { readHex } from '../../../shared/text/hex.ts'

interface Options {
  readonly topic: string
  readonly qos: '0' | '1'
  readonly retain: boolean
  /** Empty: as in every Record of the controller. */
  readonly contentType: string
  readonly responseTopic: string
}
const plain: Options = { topic: '', qos: '1', retain: false, contentType: '', responseTopic: '' }

export function RecordPane() {
  const model = useModel()
  const { messages, live, host, notices } = model
  const target = useStore(messages, (state) => state.targets[0])
  const hex = useStore(messages, (state) => state.hex)
  const from = useStore(live, (state) => state.usp?.controller.endpointId ?? 'oktopusController')
  const [options, setOptions] = useState(plain)
  const [sent, setSent] = useState<{ readonly topic: string; readonly packet?: number }>()
  const [ratio, setRatio] = useSplit('record', 0.5)
  const { bytes, fault } = useMemo(() => readHex(hex), [hex])
  const fields = useMemo(() => dissectRecord(bytes, 0, bytes.length), [bytes])
  const set = (change: Partial<Options>) => setOptions({ ...options, ...change })

  const take = () => {
    const { draft, variables } = messages.getState()
    try {
      const { message } = fill(draft, variables, target ?? '')
      const request = requestFromJson(message)
      const msg = withHeader(request, request.msgId ?? 'oktobench-1')
      const head = { version: '1.3', toId: target ?? '', fromId: from }
      messages.setState({ hex: hexString(plainRecord(head, encodeMsg(msg))) })
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error
      notices.getState().fail({ code: 'invalid-request', message: error.message })
    }
  }
  const send = async () => {
    if (target === undefined) return
    const answer = await host.call('usp.sendRecord', {
      endpointId: target,
      record: bytes,
      qos: options.qos === '1' ? 1 : 0,
      retain: options.retain,
      ...(options.topic === '' ? {} : { topic: options.topic }),
      properties: {
        ...(options.contentType === '' ? {} : { contentType: options.contentType }),
        ...(options.responseTopic === '' ? {} : { responseTopic: options.responseTopic }),
      },
    })
    if (answer.ok) setSent(answer.value)
    else notices.getState().fail(answer.error)
  }
  return (
    <div className="record-pane">
      <div className="record-options">
        <Labelled label="Topic">
          <input
            className="input mono"
            placeholder="where the device listens"
            value={options.topic}
            onChange={(event) => set({ topic: event.target.value })}
          />
        </Labelled>
        <Labelled label="QoS">
          <select
            className="input"
            value={options.qos}
            onChange={(event) => set({ qos: event.target.value === '1' ? '1' : '0' })}
          >
            <option>0</option>
            <option>1</option>
          </select>
        </Labelled>
        <Labelled label="Content Type">
          <input
            className="input mono"
            placeholder="usp.msg"
            value={options.contentType}
            onChange={(event) => set({ contentType: event.target.value })}
          />
        </Labelled>
        <Labelled label="Response Topic">
          <input
            className="input mono"
            placeholder="where the controller listens"
            value={options.responseTopic}
            onChange={(event) => set({ responseTopic: event.target.value })}
          />
        </Labelled>
        <label className="check">
          <input
            type="checkbox"
            checked={options.retain}
            onChange={(event) => set({ retain: event.target.checked })}
          />{' '}
          Retain
        </label>
      </div>
      <div className="record-bar">
        <button type="button" className="button" onClick={take}>
          Fill in the message as a Record
        </button>
        <button
          type="button"
          className="button main"
          disabled={target === undefined || fault !== undefined}
          onClick={() => void send()}
        >
          Publish {plural(bytes.length, 'byte')}
        </button>
        <span className={fault ? 'bad' : 'dim'} role="status">
          {fault ??
            (target === undefined
              ? 'Choose the device it goes to.'
              : 'It is published as it is, right or wrong, to the first device; nothing is awaited.')}
        </span>
        {sent && (
          <span className="dim">
            Published to <span className="mono">{sent.topic}</span>{' '}
            {sent.packet !== undefined && (
              <button
                type="button"
                className="link number"
                onClick={() => sent.packet !== undefined && void showPacket(model, 'live', sent.packet)}
              >
                packet {sent.packet}
              </button>
            )}
          </span>
        )}
      </div>
      <Split
        direction="across"
        label="Width of the bytes"
        ratio={ratio}
        onRatio={setRatio}
        first={
          <textarea
            className="record-hex mono"
            aria-label="Record in hexadecimal"
            placeholder="0a 03 31 2e 33 …"
            spellCheck={false}
            value={hex}
            onChange={(event) => messages.setState({ hex: event.target.value })}
          />
        }
        second={
          bytes.length === 0 ? (
            <Empty>The Record is decoded here while you type it.</Empty>
          ) : (
            <AnswerTree fields={fields} label="Fields of the Record" />
          )
        }
      />
    </div>
  )
}
