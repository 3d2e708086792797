/** Notifies as they come: into the list, and what they tell about the device itself into its facts. */
import type { DeviceUsp } from '../../../shared/contract/usp.ts'
import type { Msg } from '../../../shared/usp/codec.ts'
import type { Notify } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { listItems, notificationOf, type NotificationFacts } from '../../../shared/usp/notification.ts'
import type { Told } from './inbox.ts'
import type { Notifications } from './notifications.ts'
import type { PacketFinder } from './packet-finder.ts'
import type { Peer } from './peers.ts'

/** Transactions whose notification is remembered, to count its retries. */
const MAX_REMEMBERED = 5000

export interface NotifyBookOptions {
  readonly notifications: Notifications
  readonly packets: PacketFinder
  /** A device started with other firmware than before. */
  readonly onBoot: (peer: Peer) => void
  readonly onChange: () => void
}

export class NotifyBook {
  readonly #options: NotifyBookOptions
  /** Number in the list by transaction. */
  readonly #numbers = new Map<number, number>()

  constructor(options: NotifyBookOptions) {
    this.#options = options
  }

  take(peer: Peer, msg: Msg, notify: Notify, bytes: number, told: Told): void {
    const { notifications, packets, onChange } = this.#options
    const first = told.retryOf === undefined ? undefined : this.#numbers.get(told.retryOf)
    if (first === undefined) {
      const packet = packets.find('in', peer.endpointId, msg.header?.msgId ?? '')
      const no = notifications.add({
        endpointId: peer.endpointId,
        msg,
        notify,
        bytes,
        ...(told.operateMsgId === undefined ? {} : { operateMsgId: told.operateMsgId }),
        ...(packet === undefined ? {} : { packet }),
      })
      if (no !== undefined) this.#remember(told.transaction, no)
      const facts = notificationOf(notify)
      if (facts) this.#learn(peer, facts)
    } else {
      notifications.retried(first)
    }
    onChange()
  }

  #learn(peer: Peer, { kind, path, values }: NotificationFacts): void {
    const named = new Map(values)
    if (kind === 'OnBoardRequest') {
      const { usp } = peer
      const versions = listItems(named.get('agent_supported_protocol_versions') ?? '')
      const serial = named.get('serial_number')
      const product = named.get('product_class')
      if (serial) usp.serialNumber = serial
      if (product) usp.productClass = product
      if (versions.length > 0) usp.supportedVersions = versions
    } else if (kind === 'Event' && path === 'Device.Boot!') {
      const lastBoot: NonNullable<DeviceUsp['lastBoot']> = {
        time: Date.now(),
        cause: named.get('Cause') ?? '',
        firmwareUpdated: ['true', '1'].includes(named.get('FirmwareUpdated') ?? ''),
      }
      peer.usp.lastBoot = lastBoot
      if (lastBoot.firmwareUpdated) this.#options.onBoot(peer)
    }
  }

  #remember(transaction: number, no: number): void {
    this.#numbers.set(transaction, no)
    if (this.#numbers.size <= MAX_REMEMBERED) return
    for (const oldest of this.#numbers.keys()) {
      this.#numbers.delete(oldest)
      return
    }
  }
}
