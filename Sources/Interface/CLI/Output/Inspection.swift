internal import DockerClient
internal import JSON
internal import Templates
internal import Values

/// What the inspect commands print: a JSON array of what was found, or a template for each; what was not found is told after.
struct Inspection {
    var format: String
    /// The Go type that errors name; empty where templates are asked of what JSON there is.
    var typeName = ""
    /// Whether JSON is as Go's `json.Marshal` has it, not as an engine wrote it.
    var escapesHTML = false

    /// Looks every name up with `find` and prints. The exit code is 1 when any was missing.
    func run(_ session: Session, _ names: [String], _ find: (String) async throws -> JSONValue) async throws -> Int32 {
        let template = try compile()
        var found: [JSONValue] = []
        var problems: [String] = []
        var text = ""
        for name in names {
            do {
                let value = try await find(name)
                if let template { text += try render(template, value) + "\n" } else { found.append(value) }
            } catch let exit as Exit {
                throw exit
            } catch let failure as ConnectionFailure {
                throw failure
            } catch {
                problems.append("\(error)")
            }
        }
        if template == nil {
            let value = JSONValue.array(found)
            let bytes = format == "json" ? value.compact : value.indented()
            text = String(decoding: escapesHTML ? bytes.escapedForHTML : bytes, as: UTF8.self) + "\n"
        }
        // Docker ends the output of a template that wrote nothing with a line end.
        Console.output(text.isEmpty ? "\n" : text)
        for problem in problems { session.warn(problem) }
        return problems.isEmpty ? 0 : 1
    }

    /// One value by a template.
    static func text(_ format: String, _ value: JSONValue) throws -> String {
        let inspection = Inspection(format: format)
        guard let template = try inspection.compile() else { return String(decoding: value.indented(), as: UTF8.self) }
        return try inspection.render(template, value)
    }

    private func compile() throws -> Template? {
        if format.isEmpty || format == "json" { return nil }
        do throws(TemplateError) {
            return try Template(format)
        } catch { throw Exit(64, "template parsing error: \(error)") }
    }

    private func render(_ template: Template, _ value: JSONValue) throws -> String {
        var options = value.object?["IPAM"] == nil ? Self.options : Self.network
        if !typeName.isEmpty { options.typeName = typeName }
        do throws(TemplateError) {
            return try template.render(value, options)
        } catch {
            // As Docker has it: the line that would have been.
            Console.output("\n")
            throw Exit(1, "template parsing error: \(error)")
        }
    }

    /// For anything but networks.
    static let options = options(isNetwork: false)
    private static let network = options(isNetwork: true)

    /// As Go prints a time that is kept as one, not as text: `2026-01-02 03:04:05.6 +0000 UTC`.
    private static func goTime(_ text: String) -> String? {
        guard let match = text.wholeMatch(of: #/([0-9-]+)T([0-9:]+(?:\.[0-9]+)?)(?:Z|([+-]\d\d):(\d\d))/#) else { return nil }
        let zone = match.3.flatMap { hours in match.4.map { hours + $0 } }
        return "\(match.1) \(match.2) \(zone.map { "\($0) \($0)" } ?? "+0000 UTC")"
    }

    /// The zeros of Docker's Go types for what JSON leaves out or has as null.
    private static func options(isNetwork: Bool) -> Template.Options {
        var options = Template.Options()
        options.ignoresCase = true
        options.text = { name, value in
            switch name {
            case "Interval", "Timeout", "StartPeriod", "StartInterval": value.int.map { GoDuration.text(nanoseconds: Int64($0)) }
            case "Start", "End", "LastTagTime": value.string.flatMap(goTime)
            case "Created": isNetwork ? value.string.flatMap(goTime) : nil
            default: GoStruct.text(name, value)
            }
        }
        options.zero = { name in
            switch name {
            case "Health", "Healthcheck", "MemorySwappiness", "OomKillDisable", "PidsLimit", "Init", "StopTimeout", "IPAMConfig", "SizeRw", "SizeRootFs",
                "GraphDriver", "ImageManifestDescriptor", "Descriptor", "UsageData", "BindOptions", "VolumeOptions", "TmpfsOptions", "ClusterVolume":
                .pointer
            case "Labels", "Volumes", "ExposedPorts", "PortBindings", "Annotations", "StorageOpt", "Tmpfs", "Sysctls", "Options", "DriverOpts",
                "Networks", "Data", "Ports", "Containers", "AuxAddress", "AuxiliaryAddresses", "Status", "Services":
                .map
            case "Binds", "Env", "Cmd", "Entrypoint", "OnBuild", "Shell", "CapAdd", "CapDrop", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts", "GroupAdd",
                "Links", "SecurityOpt", "Mounts", "MaskedPaths", "ReadonlyPaths", "Devices", "DeviceCgroupRules", "DeviceRequests", "Ulimits", "ExecIDs",
                "Aliases", "DNSNames", "VolumesFrom", "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps",
                "BlkioDeviceWriteIOps", "ConsoleSize", "RepoTags", "RepoDigests", "Layers", "Warnings", "Config", "Peers":
                .list
            case "StopSignal", "Runtime", "Host", "MacAddress", "Variant", "OsVersion", "Subnet", "IPRange", "Gateway": .value(.string(""))
            case "ArgsEscaped", "NetworkDisabled": .value(.bool(false))
            case "KernelMemory", "Retries", "Interval", "Timeout", "StartPeriod", "StartInterval": .value(JSONValue(0))
            default: nil
            }
        }
        return options
    }
}
