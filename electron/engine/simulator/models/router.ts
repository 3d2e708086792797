/**
 * The data model of a simulated agent when none is given: what OB-USP-A 11 shows, triggered actions and on-boarding,
 * which it does not have, and samples of a small router.
 */

export const routerModel = `
uri urn:broadband-forum-org:tr-181-2-19-1

Device.
  ScheduleTimer() async in DelaySeconds!
  Reboot() sync in Cause Reason
  FactoryReset() sync in Cause Reason
  SelfTestDiagnostics() async out Results=PASS
  Boot! CommandKey Cause Reason FirmwareUpdated ParameterMap

Device.LocalAgent.
  UpTime unsignedInt quiet = <uptime>
  SupportedProtocols string = MQTT
  SoftwareVersion string = <version>
  EndpointID string = <endpoint>
  ControllerNumberOfEntries unsignedInt
  MTPNumberOfEntries unsignedInt
  SubscriptionNumberOfEntries unsignedInt
  RequestNumberOfEntries unsignedInt
  Periodic!

Device.LocalAgent.Controller.{i}. add delete keys Alias | EndpointID
  Alias string rw once
  Enable boolean rw
  EndpointID string rw
  InheritedRole string
  AssignedRole string rw
  PeriodicNotifInterval unsignedInt rw = 86400
  PeriodicNotifTime dateTime rw
  USPNotifRetryMinimumWaitInterval unsignedInt rw = 5
  USPNotifRetryIntervalMultiplier unsignedInt rw = 2000
  ControllerCode string rw
  ProvisioningCode string rw
  OnBoardingComplete boolean rw
  OnBoardingRestartTime unsignedInt rw
  MTPNumberOfEntries unsignedInt
  BootParameterNumberOfEntries unsignedInt
  SendOnBoardRequest() sync

Device.LocalAgent.Controller.{i}.MTP.{i}. add delete keys Alias | Protocol
  Alias string rw once
  Enable boolean rw
  Protocol string rw

Device.LocalAgent.Controller.{i}.MTP.{i}.MQTT.
  Reference string rw
  Topic string rw

Device.LocalAgent.Controller.{i}.BootParameter.{i}. add delete keys Alias | ParameterName
  Alias string rw once
  Enable boolean rw
  ParameterName string rw

Device.LocalAgent.MTP.{i}. add delete keys Alias
  Alias string rw once
  Protocol string rw
  Enable boolean rw
  Status string one-of Up,Down,Dormant,Error = Up

Device.LocalAgent.MTP.{i}.MQTT.
  Reference string rw
  ResponseTopicConfigured string rw
  ResponseTopicDiscovered string = <responseInformation>
  PublishQoS unsignedInt rw one-of 0,1,2 = 0

Device.LocalAgent.Subscription.{i}. add delete keys Alias | ID Recipient
  Alias string rw once
  Enable boolean rw
  Recipient string
  ID string rw once
  CreationDate dateTime
  NotifType string rw once one-of ValueChange,ObjectCreation,ObjectDeletion,OperationComplete,Event
  ReferenceList string rw once
  Persistent boolean rw
  TimeToLive unsignedInt rw
  NotifRetry boolean rw
  NotifExpiration unsignedInt rw
  TriggerAction string rw one-of Notify,Config,NotifyAndConfig = Notify
  TriggerConfigSettings string rw

Device.LocalAgent.Request.{i}. keys Alias | Originator Command CommandKey
  Alias string rw once
  Originator string
  Command string
  CommandKey string
  Status string one-of Requested,Active,Canceling,Canceled,Success,Error = Requested
  Cancel() sync

Device.DeviceInfo.
  Manufacturer string = Oktobench
  ManufacturerOUI string = <oui>
  ModelName string = Simulated Router
  ProductClass string = SIM-1
  SerialNumber string = <serial>
  HardwareVersion string = 1.0
  SoftwareVersion string = <version>
  ProvisioningCode string rw
  UpTime unsignedInt quiet = <uptime>

Device.DeviceInfo.MemoryStatus.
  Total unsignedInt = 524288
  Free unsignedInt quiet = 196608

Device.Time.
  Enable boolean rw = true
  CurrentLocalTime dateTime quiet = <now>
  LocalTimeZone string rw = UTC0
  NTPServer1 string rw

Device.MQTT.
  ClientNumberOfEntries unsignedInt

Device.MQTT.Capabilities.
  ProtocolVersionsSupported string = 3.1.1, 5.0
  TransportProtocolSupported string = TCP/IP, TLS

Device.MQTT.Client.{i}. add delete keys Alias
  Alias string rw once
  Enable boolean rw
  BrokerAddress string rw
  BrokerPort unsignedInt rw = 1883
  Username string rw
  Password string rw secret
  KeepAliveTime unsignedInt rw = 60
  ProtocolVersion string rw one-of 3.1,3.1.1,5.0 = 5.0
  ClientID string rw
  Name string rw
  TransportProtocol string rw one-of TCP/IP,TLS,WebSocket,WebSocketTLS = TCP/IP
  CleanSession boolean rw = true
  CleanStart boolean rw = true
  RequestResponseInfo boolean rw
  ConnectRetryTime unsignedInt rw = 5
  ConnectRetryIntervalMultiplier unsignedInt rw = 2000
  ConnectRetryMaxInterval unsignedInt rw = 30720
  ResponseInformation string
  Status string = Disabled
  SubscriptionNumberOfEntries unsignedInt
  ForceReconnect() sync

Device.MQTT.Client.{i}.Subscription.{i}. add delete keys Alias | Topic
  Alias string rw once
  Enable boolean rw
  Topic string rw
  QoS unsignedInt rw one-of 0,1,2 = 0

Device.Ethernet.
  InterfaceNumberOfEntries unsignedInt

Device.Ethernet.Interface.{i}. keys Alias | Name | MACAddress
  Alias string rw once
  Enable boolean rw = true
  Status string one-of Up,Down,Unknown,Dormant,NotPresent,LowerLayerDown,Error = Up
  Name string
  LowerLayers string rw
  Upstream boolean
  MACAddress string
  MaxBitRate int rw one-of -1,10,100,1000,2500,10000 = -1
  DuplexMode string rw one-of Half,Full,Auto = Auto

Device.Ethernet.Interface.{i}.Stats.
  BytesSent unsignedLong quiet = 1048576
  BytesReceived unsignedLong quiet = 2097152
  PacketsSent unsignedLong quiet = 8192
  PacketsReceived unsignedLong quiet = 16384
  ErrorsSent unsignedLong
  ErrorsReceived unsignedLong

Device.IP.
  InterfaceNumberOfEntries unsignedInt

Device.IP.Interface.{i}. add delete keys Alias | Name
  Alias string rw once
  Enable boolean rw
  Status string one-of Up,Down,Unknown,Dormant,NotPresent,LowerLayerDown,Error = Up
  Name string
  LowerLayers string rw
  IPv4AddressNumberOfEntries unsignedInt
  Reset() sync

Device.IP.Interface.{i}.IPv4Address.{i}. add delete keys Alias | IPAddress SubnetMask
  Alias string rw once
  Enable boolean rw
  IPAddress string rw
  SubnetMask string rw
  AddressingType string one-of DHCP,IKEv2,AutoIP,IPCP,Static = Static

Device.IP.Diagnostics.
  TraceRoute() async in Interface Host! Timeout MaxHopCount out Status=Complete ResponseTime=12 IPAddressUsed=192.0.2.1
  IPPing() async in Interface Host! NumberOfRepetitions Timeout out Status=Complete SuccessCount=4 FailureCount=0 AverageResponseTime=7

Device.WiFi.
  RadioNumberOfEntries unsignedInt
  SSIDNumberOfEntries unsignedInt
  AccessPointNumberOfEntries unsignedInt
  NeighboringWiFiDiagnostic() async out Status=Complete
  Reset() sync

Device.WiFi.Radio.{i}. keys Alias | Name
  Alias string rw once
  Enable boolean rw = true
  Status string one-of Up,Down,Unknown,Dormant,NotPresent,LowerLayerDown,Error = Up
  Name string
  OperatingFrequencyBand string rw one-of 2.4GHz,5GHz,6GHz = 5GHz
  OperatingStandards string rw = ax
  Channel unsignedInt rw = 36
  AutoChannelEnable boolean rw = true
  TransmitPower int rw = 100

Device.WiFi.SSID.{i}. add delete keys Alias | Name | BSSID
  Alias string rw once
  Enable boolean rw
  Status string one-of Up,Down,Unknown,Dormant,NotPresent,LowerLayerDown,Error = Up
  Name string
  LowerLayers string rw
  BSSID string
  SSID string rw

Device.WiFi.AccessPoint.{i}. add delete keys Alias | SSIDReference
  Alias string rw once
  Enable boolean rw
  SSIDReference string rw
  SSIDAdvertisementEnabled boolean rw = true
  AssociatedDeviceNumberOfEntries unsignedInt
  AssociationCount! MACAddress

Device.WiFi.AccessPoint.{i}.Security.
  ModeEnabled string rw one-of None,WPA2-Personal,WPA3-Personal,WPA3-Personal-Transition = WPA2-Personal
  KeyPassphrase string rw secret
  Reset() sync

Device.WiFi.AccessPoint.{i}.AssociatedDevice.{i}. keys MACAddress
  MACAddress string
  SignalStrength int quiet = -54
  Active boolean = true

Device.LocalAgent.Controller.1.Alias "ctrl-1"
Device.LocalAgent.Controller.1.Enable "true"
Device.LocalAgent.Controller.1.EndpointID "<controller>"
Device.LocalAgent.Controller.1.OnBoardingComplete "true"
Device.LocalAgent.Controller.1.MTP.1.Alias "mtp-1"
Device.LocalAgent.Controller.1.MTP.1.Enable "true"
Device.LocalAgent.Controller.1.MTP.1.Protocol "MQTT"
Device.LocalAgent.Controller.1.MTP.1.MQTT.Reference "Device.MQTT.Client.1"
Device.LocalAgent.Controller.1.MTP.1.MQTT.Topic "<controllerTopic>"
Device.LocalAgent.Controller.1.BootParameter.1.Alias "boot-1"
Device.LocalAgent.Controller.1.BootParameter.1.Enable "true"
Device.LocalAgent.Controller.1.BootParameter.1.ParameterName "Device.LocalAgent.EndpointID"
Device.LocalAgent.MTP.1.Alias "mtp-1"
Device.LocalAgent.MTP.1.Protocol "MQTT"
Device.LocalAgent.MTP.1.Enable "true"
Device.LocalAgent.MTP.1.MQTT.Reference "Device.MQTT.Client.1"
Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured "<agentTopic>"
Device.LocalAgent.Subscription.1.Alias "boot"
Device.LocalAgent.Subscription.1.Enable "true"
Device.LocalAgent.Subscription.1.Recipient "Device.LocalAgent.Controller.1"
Device.LocalAgent.Subscription.1.ID "default-boot-event-ACS"
Device.LocalAgent.Subscription.1.NotifType "Event"
Device.LocalAgent.Subscription.1.ReferenceList "Device.Boot!"
Device.LocalAgent.Subscription.1.Persistent "true"
Device.LocalAgent.Subscription.1.NotifRetry "true"
Device.MQTT.Client.1.Alias "client-1"
Device.MQTT.Client.1.Enable "true"
Device.MQTT.Client.1.BrokerAddress "<broker>"
Device.MQTT.Client.1.BrokerPort "<port>"
Device.MQTT.Client.1.Username "<user>"
Device.MQTT.Client.1.ProtocolVersion "<mqttVersion>"
Device.MQTT.Client.1.ClientID "<clientId>"
Device.MQTT.Client.1.TransportProtocol "<transport>"
Device.MQTT.Client.1.ResponseInformation "<responseInformation>"
Device.MQTT.Client.1.Status "<status>"
Device.Ethernet.Interface.1.Alias "wan"
Device.Ethernet.Interface.1.Name "eth0"
Device.Ethernet.Interface.1.Upstream "true"
Device.Ethernet.Interface.1.MACAddress "02:00:5E:00:53:01"
Device.Ethernet.Interface.2.Alias "lan"
Device.Ethernet.Interface.2.Name "eth1"
Device.Ethernet.Interface.2.MACAddress "02:00:5E:00:53:02"
Device.IP.Interface.1.Alias "wan"
Device.IP.Interface.1.Enable "true"
Device.IP.Interface.1.Name "wan"
Device.IP.Interface.1.LowerLayers "Device.Ethernet.Interface.1"
Device.IP.Interface.1.IPv4Address.1.Alias "wan"
Device.IP.Interface.1.IPv4Address.1.Enable "true"
Device.IP.Interface.1.IPv4Address.1.IPAddress "192.0.2.10"
Device.IP.Interface.1.IPv4Address.1.SubnetMask "255.255.255.0"
Device.IP.Interface.1.IPv4Address.1.AddressingType "DHCP"
Device.WiFi.Radio.1.Alias "radio-2g"
Device.WiFi.Radio.1.Name "wl0"
Device.WiFi.Radio.1.OperatingFrequencyBand "2.4GHz"
Device.WiFi.Radio.1.Channel "6"
Device.WiFi.Radio.2.Alias "radio-5g"
Device.WiFi.Radio.2.Name "wl1"
Device.WiFi.SSID.1.Alias "home-2g"
Device.WiFi.SSID.1.Enable "true"
Device.WiFi.SSID.1.Name "wl0.0"
Device.WiFi.SSID.1.LowerLayers "Device.WiFi.Radio.1"
Device.WiFi.SSID.1.BSSID "02:00:5E:00:53:10"
Device.WiFi.SSID.1.SSID "Home"
Device.WiFi.SSID.2.Alias "home-5g"
Device.WiFi.SSID.2.Enable "true"
Device.WiFi.SSID.2.Name "wl1.0"
Device.WiFi.SSID.2.LowerLayers "Device.WiFi.Radio.2"
Device.WiFi.SSID.2.BSSID "02:00:5E:00:53:20"
Device.WiFi.SSID.2.SSID "Home"
Device.WiFi.AccessPoint.1.Alias "ap-2g"
Device.WiFi.AccessPoint.1.Enable "true"
Device.WiFi.AccessPoint.1.SSIDReference "Device.WiFi.SSID.1"
Device.WiFi.AccessPoint.2.Alias "ap-5g"
Device.WiFi.AccessPoint.2.Enable "true"
Device.WiFi.AccessPoint.2.SSIDReference "Device.WiFi.SSID.2"
Device.WiFi.AccessPoint.2.AssociatedDevice.1.MACAddress "02:00:5E:00:53:A1"
Device.WiFi.AccessPoint.2.AssociatedDevice.2.MACAddress "02:00:5E:00:53:A2"
`
