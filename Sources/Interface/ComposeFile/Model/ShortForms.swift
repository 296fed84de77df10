internal import JSON

/// Short forms as they stand on command lines, too.
extension ComposePort {
    /// Ports as `-p` has them.
    package static func parse(_ specs: [String]) throws(ComposeFileError) -> [ComposePort] {
        var ports: [ComposePort] = []
        for spec in specs {
            for value in try PortSpec.parse(.string(spec), Place()) ?? [] {
                do { ports.append(try ComposePort(json: value)) } catch { throw ComposeFileError("\(spec): \(error)") }
            }
        }
        return ports
    }
}

extension ComposeVolumeMount {
    /// A volume as `-v` has it; relative paths are seen from `directory`.
    package static func parse(_ spec: String, in directory: String) throws(ComposeFileError) -> ComposeVolumeMount {
        guard let value = try VolumeSpec.parse(.string(spec), Place()) else { throw ComposeFileError("invalid spec: \(spec)") }
        do {
            var volume = try ComposeVolumeMount(json: value)
            if volume.type == "bind" { volume.source = FilePath.absolute(volume.source, in: directory, home: nil) }
            return volume
        } catch { throw ComposeFileError("\(spec): \(error)") }
    }
}

extension ComposeProject {
    /// A command line as words; nil when a quote is open.
    package static func words(_ text: String) -> [String]? { ShellWords.split(text) }
}
