/** A host whose devices answer requests, and that keeps messages. */
import type { CommandName, Request, Response } from '../../../../shared/contract/contract.ts'
import { fail, ok, type Result } from '../../../../shared/contract/result.ts'
import type { SavedMessage, SentMessage } from '../../../../shared/contract/saved-messages.ts'
import type { RequestReport } from '../../../../shared/contract/usp.ts'
import { supportedModel } from '../../../shared/usp/forms/model.ts'
import { FakeHost } from '../../fake-host.ts'

export const getAnswer = (upTime: string, msgId = 'm-1') => ({
  header: { msg_id: msgId, msg_type: 'GET_RESP' },
  body: {
    response: {
      get_resp: {
        req_path_results: [
          {
            requested_path: 'Device.DeviceInfo.',
            resolved_path_results: [
              { resolved_path: 'Device.DeviceInfo.', result_params: { SerialNumber: 'S1', UpTime: upTime } },
            ],
          },
        ],
      },
    },
  },
})

export const report = (endpointId: string, more: Partial<RequestReport> = {}): RequestReport => ({
  outcome: 'answered',
  text: 'It answered.',
  endpointId,
  kind: 'Get',
  msgId: 'm-1',
  topic: `agent/${endpointId}`,
  request: {},
  answer: getAnswer('7'),
  failures: [],
  sentAt: 1_700_000_000_000,
  latencyMs: 4.2,
  ...more,
})

export class MessagesHost extends FakeHost {
  readonly saved = new Map<string, SavedMessage>()
  readonly sent: SentMessage[] = []
  /** Whether the model of the device was read before. */
  hasModel = true
  /** Requests wait until `answer` is called for their device. */
  holds = false
  readonly waiting = new Map<string, (report: RequestReport) => void>()
  reply: (endpointId: string) => RequestReport = (endpointId) => report(endpointId)

  override async call<C extends CommandName>(name: C, request: Request<C>): Promise<Result<Response<C>>> {
    const answers: {
      readonly [N in CommandName]?: (request: Request<N>) => Result<unknown> | Promise<unknown>
    } = {
      'model.get': () => (this.hasModel ? ok(supportedModel) : fail('not-found', 'It was never read.')),
      'model.refresh': () => ok(supportedModel),
      'usp.request': ({ endpointId }) => {
        if (!this.holds) return ok(this.reply(endpointId))
        return new Promise((resolve) => this.waiting.set(endpointId, (done) => resolve(ok(done))))
      },
      'usp.cancel': () => ok(undefined),
      'messages.list': () =>
        ok({
          messages: [...this.saved.values()].map(({ path, note }) => ({
            path,
            note,
            modifiedAt: 0,
            kind: 'Get',
          })),
          all: this.saved.size,
          left: 0,
        }),
      'messages.read': ({ path }) => {
        const found = this.saved.get(path)
        return found ? ok(found) : fail('not-found', `There is no message ${path} any more.`)
      },
      'messages.save': ({ over: _over, ...message }) => {
        const kept = { ...message, stamp: `stamp-${this.calls.length}` }
        this.saved.set(message.path, kept)
        return ok(kept)
      },
      'messages.history': () => ok(this.sent),
      'messages.remember': (message) => {
        this.sent.unshift({ ...message, no: this.sent.length + 1, time: 0 })
        return ok(undefined)
      },
    }
    const answer = answers[name] as ((request: Request<C>) => Result<unknown> | Promise<unknown>) | undefined
    if (!answer || this.errors.has(name)) return super.call(name, request)
    this.calls.push({ name, request })
    return (await answer(request)) as Result<Response<C>>
  }
}
