/** The faults of the bench: made, switched and told here; what they do to packets is the broker's part. */
import { randomUUID } from 'node:crypto'
import type { EngineHandlers } from '../../../shared/contract/contract.ts'
import type { FaultsState } from '../../../shared/contract/faults.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { FaultBook } from '../../../shared/faults/book.ts'
import { FAULT_LIMITS, type Fault } from '../../../shared/faults/model.ts'
import { Throttle } from '../throttle.ts'

type Handled = Extract<keyof EngineHandlers, `faults.${string}`>

export interface FaultsService {
  /** What the broker asks about each packet. */
  readonly book: FaultBook
  readonly state: FaultsState
  readonly handlers: Pick<EngineHandlers, Handled>
  /** A fault met a packet. */
  met(): void
  stop(): void
}

const TELL_MS = 250

export function createFaults(onChange: () => void): FaultsService {
  const book = new FaultBook()
  const told = new Throttle(TELL_MS, onChange)
  let timer: NodeJS.Timeout | undefined

  /** Those that end by their time do so also while no packet comes. */
  function watch(): void {
    clearTimeout(timer)
    const end = book.nextEnd
    if (end === undefined) return
    timer = setTimeout(
      () => {
        book.expire(Date.now())
        watch()
        told.request()
      },
      Math.max(0, end - Date.now()),
    )
  }
  function changed(): void {
    watch()
    told.request()
  }
  function put(id: string, fault: Fault, on: boolean): void {
    if (fault.action.kind === 'shrink' && Object.keys(fault.action).length === 1) {
      throw new BenchFailure('invalid-request', 'Give at least one limit that is to be smaller.')
    }
    if (fault.action.kind === 'omit' && fault.action.parts.length === 0) {
      throw new BenchFailure('invalid-request', 'Say what is to be left out of CONNACK.')
    }
    try {
      book.put(id, fault)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new BenchFailure('invalid-request', `The filter of the fault is none: ${error.message}`)
    }
    book.switch(id, on, Date.now())
    changed()
  }
  const known = (id: string) => {
    const booked = book.list().find((one) => one.id === id)
    if (!booked) throw new BenchFailure('not-found', 'This fault is there no more.')
    return booked
  }

  return {
    book,
    get state() {
      return { list: book.list() }
    },
    handlers: {
      'faults.add'({ fault }) {
        if (book.size >= FAULT_LIMITS.faults) {
          const message = `There are ${FAULT_LIMITS.faults} faults already: remove one first.`
          throw new BenchFailure('conflict', message)
        }
        const id = randomUUID()
        put(id, fault as Fault, true)
        return { id }
      },
      'faults.change': ({ id, fault }) => put(id, fault as Fault, known(id).on),
      'faults.switch'({ id, on }) {
        known(id)
        book.switch(id, on, Date.now())
        changed()
      },
      'faults.stop'() {
        for (const { id } of book.list()) book.switch(id, false, Date.now())
        changed()
      },
      'faults.remove'({ id }) {
        known(id)
        book.remove(id)
        changed()
      },
    },
    met: () => told.request(),
    stop() {
      clearTimeout(timer)
      told.stop()
    },
  }
}
