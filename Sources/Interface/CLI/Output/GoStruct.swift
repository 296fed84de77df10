internal import JSON

/// Docker's Go structs as templates print them whole: `{no 0}`, their fields in order and without names. JSON alone would make maps of them.
enum GoStruct {
    /// What a field is in Go, which decides what stands there when JSON leaves it out.
    private enum Kind {
        case text, number, flag, list, map, pointer
        /// A map whose values are empty structs.
        case set
        case part([(String, Kind)])
    }

    /// `Name` is a text, `Name#` a number, `Name?` a flag, `Name[]` a list, `Name{}` a map, `Name{{}}` a set, `Name*` a pointer; fields between
    /// `(` and `)` are a struct of their own in Go.
    private static func fields(_ text: String) -> [(String, Kind)] {
        var stack: [[(String, Kind)]] = [[]]
        for word in text.split(whereSeparator: \.isWhitespace) {
            switch word {
            case "(": stack.append([])
            case ")":
                guard stack.count > 1, let part = stack.popLast() else { continue }
                stack[stack.count - 1].append(("", .part(part)))
            default:
                let name = word.prefix { $0.isLetter || $0.isNumber }
                let kind: Kind =
                    switch word.dropFirst(name.count) {
                    case "#": .number
                    case "?": .flag
                    case "[]": .list
                    case "{}": .map
                    case "{{}}": .set
                    case "*": .pointer
                    default: .text
                    }
                stack[stack.count - 1].append((String(name), kind))
            }
        }
        return stack[0]
    }

    /// By the name of the member that such a struct, or a list or map of them, is.
    private static let structs: [String: String] = [
        "RestartPolicy": "Name MaximumRetryCount#", "LogConfig": "Type Config{}", "PortBindings": "HostIp HostPort", "Ports": "HostIp HostPort",
        "Mounts": "Type Name Source Destination Driver Mode RW? Propagation", "RootFS": "Type Layers[]", "GraphDriver": "Data{} Name",
        "Devices": "PathOnHost PathInContainer CgroupPermissions",
        "State": "Status Running? Paused? Restarting? OOMKilled? Dead? Pid# ExitCode# Error StartedAt FinishedAt Health*",
        "HostConfig": """
        Binds[] ContainerIDFile LogConfig{} NetworkMode PortBindings{} RestartPolicy{} AutoRemove? VolumeDriver VolumesFrom[] ConsoleSize[]
        Annotations{} CapAdd[] CapDrop[] CgroupnsMode Dns[] DnsOptions[] DnsSearch[] ExtraHosts[] GroupAdd[] IpcMode Cgroup Links[] OomScoreAdj#
        PidMode Privileged? PublishAllPorts? ReadonlyRootfs? SecurityOpt[] StorageOpt{} Tmpfs{} UTSMode UsernsMode ShmSize# Sysctls{} Runtime
        Isolation ( CpuShares# Memory# NanoCpus# CgroupParent BlkioWeight# BlkioWeightDevice[] BlkioDeviceReadBps[] BlkioDeviceWriteBps[]
        BlkioDeviceReadIOps[] BlkioDeviceWriteIOps[] CpuPeriod# CpuQuota# CpuRealtimePeriod# CpuRealtimeRuntime# CpusetCpus CpusetMems Devices[]
        DeviceCgroupRules[] DeviceRequests[] KernelMemory# KernelMemoryTCP# MemoryReservation# MemorySwap# MemorySwappiness* OomKillDisable*
        PidsLimit* Ulimits[] CpuCount# CpuPercent# IOMaximumIOps# IOMaximumBandwidth# ) Mounts[] MaskedPaths[] ReadonlyPaths[] Init*
        """,
    ]
    private static let containerConfig = """
        Hostname Domainname User AttachStdin? AttachStdout? AttachStderr? ExposedPorts{{}} Tty? OpenStdin? StdinOnce? Env[] Cmd[] Healthcheck*
        ArgsEscaped? Image Volumes{{}} WorkingDir Entrypoint[] NetworkDisabled? MacAddress OnBuild[] Labels{} StopSignal StopTimeout* Shell[]
        """
    private static let imageConfig = """
        ( User ExposedPorts{{}} Env[] Entrypoint[] Cmd[] Volumes{{}} WorkingDir Labels{} StopSignal ArgsEscaped? ) ( Healthcheck* OnBuild[] Shell[] )
        """

    /// Nil for what is no such struct, empty, or has a part that Go prints as an address in memory.
    static func text(_ name: String, _ value: JSONValue) -> String? {
        guard value.object != nil || value.array != nil, value.object?.members.isEmpty != true else { return nil }
        if ["ExposedPorts", "Volumes"].contains(name) { return show(value, .set) }
        let isContainers = name == "Config" && value.object?["Image"]?.string?.isEmpty == false
        guard let list = name == "Config" ? isContainers ? containerConfig : imageConfig : structs[name], value.object?["Health"] == nil else { return nil }
        // A log's options are called like a container's configuration.
        if name == "Config", value.object?["Env"] == nil, value.object?["Cmd"] == nil { return nil }
        return show(value, fields(list))
    }

    private static func show(_ value: JSONValue, _ fields: [(String, Kind)]) -> String {
        if let items = value.array { return "[\(items.map { show($0, fields) }.joined(separator: " "))]" }
        guard let object = value.object else { return plain(value) }
        // A map of structs: no member of it is one of their fields.
        if !object.members.isEmpty, !object.members.contains(where: { member in fields.contains { $0.0 == member.name || $0.0.isEmpty } }) {
            return map(object) { $0.isNull ? "[]" : show($0, fields) }
        }
        return structure(object, fields)
    }

    private static func structure(_ object: JSONObject, _ fields: [(String, Kind)]) -> String {
        let parts = fields.map { name, kind in
            if case .part(let inner) = kind { return structure(object, inner) }
            guard let value = object[name], !value.isNull else { return zero(kind, name) }
            return structs[name] != nil ? text(name, value) ?? plain(value) : show(value, kind)
        }
        return "{\(parts.joined(separator: " "))}"
    }

    private static func zero(_ kind: Kind, _ name: String) -> String {
        switch kind {
        case .text, .part: ""
        case .number: "0"
        case .flag: "false"
        case .list: "[]"
        case .map, .set: "map[]"
        case .pointer: "<nil>"
        }
    }

    private static func show(_ value: JSONValue, _ kind: Kind) -> String {
        if case .set = kind, let object = value.object { return map(object) { _ in "{}" } }
        return plain(value)
    }

    /// Text, numbers, and lists and maps of them.
    private static func plain(_ value: JSONValue) -> String {
        if let text = value.string { return text }
        if let items = value.array { return "[\(items.map(plain).joined(separator: " "))]" }
        guard let object = value.object else { return value.isNull ? "<nil>" : value.compactText }
        return map(object, plain)
    }

    private static func map(_ object: JSONObject, _ show: (JSONValue) -> String) -> String {
        let members = object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return "map[\(members.map { "\($0.name):\(show($0.value))" }.joined(separator: " "))]"
    }
}
