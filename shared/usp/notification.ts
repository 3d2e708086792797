/** A Notify as one set of facts, whichever of its six kinds it is. */
import type { Notify } from './gen/usp-msg_pb.ts'
import type { NotifyKind } from './kinds.ts'

export interface NotificationFacts {
  readonly kind: NotifyKind
  /** A parameter, an object, an event (`Device.Boot!`), a command (`…()`); empty for OnBoardRequest. */
  readonly path: string
  readonly values: readonly (readonly [name: string, value: string])[]
  /** OperationComplete only. */
  readonly commandKey?: string
}

/** `undefined` when the Notify holds no notification (R-ENC.3). */
export function notificationOf({ notification }: Notify): NotificationFacts | undefined {
  switch (notification.case) {
    case 'event': {
      const { objPath, eventName, params } = notification.value
      return { kind: 'Event', path: objPath + eventName, values: Object.entries(params) }
    }
    case 'valueChange': {
      const { paramPath, paramValue } = notification.value
      return { kind: 'ValueChange', path: paramPath, values: [['', paramValue]] }
    }
    case 'objCreation': {
      const { objPath, uniqueKeys } = notification.value
      return { kind: 'ObjectCreation', path: objPath, values: Object.entries(uniqueKeys) }
    }
    case 'objDeletion':
      return { kind: 'ObjectDeletion', path: notification.value.objPath, values: [] }
    case 'operComplete': {
      const { objPath, commandName, commandKey, operationResp: result } = notification.value
      const values: [string, string][] =
        result.case === 'reqOutputArgs'
          ? Object.entries(result.value.outputArgs)
          : result.case === 'cmdFailure'
            ? [
                ['err_code', String(result.value.errCode)],
                ['err_msg', result.value.errMsg],
              ]
            : []
      return { kind: 'OperationComplete', path: objPath + commandName, values, commandKey }
    }
    case 'onBoardReq': {
      const { oui, productClass, serialNumber, agentSupportedProtocolVersions } = notification.value
      return {
        kind: 'OnBoardRequest',
        path: '',
        values: [
          ['oui', oui],
          ['product_class', productClass],
          ['serial_number', serialNumber],
          ['agent_supported_protocol_versions', agentSupportedProtocolVersions],
        ],
      }
    }
    case undefined:
      return undefined
  }
}

/** `Cause = LocalReboot, FirmwareUpdated = false`; a lone value stands without a name. */
export const valuesText = (values: NotificationFacts['values']): string =>
  values.map(([name, value]) => (name === '' ? value : `${name} = ${value}`)).join(', ')

/** A list as TR-106 has it: items by commas, blanks round them without meaning. */
export const listItems = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
