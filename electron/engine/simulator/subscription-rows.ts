/** The rows of Device.LocalAgent.Subscription. as values. Pure. */
import type { DataModel, Place } from './data-model.ts'
import { splitList } from './values.ts'

export const SUBSCRIPTION = 'Device.LocalAgent.Subscription.'

export type NotifType = 'ValueChange' | 'ObjectCreation' | 'ObjectDeletion' | 'OperationComplete' | 'Event'

export interface Subscription {
  /** Path of the row. */
  readonly path: string
  readonly id: string
  readonly type: NotifType
  /** Path of the controller's row, with the dot. */
  readonly recipient: string
  readonly references: readonly string[]
  readonly retries: boolean
  /** Seconds after which retries end; 0 is never. */
  readonly expiration: number
  readonly action: TriggerAction
  /** What Config changes: TriggerConfigSettings. */
  readonly settings: string
}
export type TriggerAction = 'Notify' | 'Config' | 'NotifyAndConfig'

/** What the agent itself writes into a row that a controller made. */
export function prepareSubscription(
  model: DataModel,
  row: Place,
  { path, now }: { readonly path: string; readonly now: string },
): void {
  model.put(row, 'Recipient', path)
  model.put(row, 'CreationDate', now)
}

const tableOf = (model: DataModel): Place | undefined => {
  const type = model.schema.root.children.get('LocalAgent')?.children.get('Subscription')
  return type && { type, path: SUBSCRIPTION, isTable: true }
}

const recipientOf = (model: DataModel, row: Place): string =>
  `${model.text(row, 'Recipient').replace(/\.$/, '')}.`

/** Those of a controller that is gone, by the path of its row; of any other path there are none. */
export function deleteSubscriptionsOf(model: DataModel, controller: string): void {
  for (const row of subscriptionRows(model)) if (recipientOf(model, row) === controller) model.deleteRow(row)
}

/** All rows, those that are switched off too. */
export function subscriptionRows(model: DataModel): Place[] {
  const table = tableOf(model)
  return table ? model.below(table) : []
}

/** Those that are switched on and whose controller is, in the order of their rows. */
export function subscriptions(model: DataModel, isController: (path: string) => boolean): Subscription[] {
  return subscriptionRows(model)
    .filter((row) => model.isTrue(row, 'Enable'))
    .map((row) => ({
      path: row.path,
      id: model.text(row, 'ID'),
      type: model.text(row, 'NotifType') as NotifType,
      recipient: recipientOf(model, row),
      references: splitList(model.text(row, 'ReferenceList')),
      retries: model.isTrue(row, 'NotifRetry'),
      expiration: Number(model.text(row, 'NotifExpiration')),
      action: (model.text(row, 'TriggerAction') || 'Notify') as TriggerAction,
      settings: model.text(row, 'TriggerConfigSettings'),
    }))
    .filter(({ recipient }) => isController(recipient))
}

/** When a row ends of itself (TimeToLive), in ms since 1970; `undefined` for never. */
export function endOf(model: DataModel, row: Place): number | undefined {
  const seconds = Number(model.text(row, 'TimeToLive'))
  const made = Date.parse(model.text(row, 'CreationDate'))
  return seconds > 0 && !Number.isNaN(made) ? made + seconds * 1000 : undefined
}
