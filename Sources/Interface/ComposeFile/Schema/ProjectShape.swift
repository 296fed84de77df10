internal import JSON

/// Everything that a Compose file may say.
enum ProjectShape {
    static let shape = Shape.record(record)

    static let record = Shape.Record([
        "version": .text, "name": .text, "include": .list(.short(ShortForm.path, .record(include))),
        "services": .record(Shape.Record([:], free: .record(ServiceShape.record))), "models": .record(Shape.Record([:], free: .record(model))),
        "networks": .record(Shape.Record([:], free: .short(ShortForm.external, .record(network, allowsNull: true)))),
        "volumes": .record(Shape.Record([:], free: .short(ShortForm.external, .record(volume, allowsNull: true)))),
        "secrets": .record(Shape.Record([:], free: .short(ShortForm.external, .record(file)))),
        "configs": .record(Shape.Record([:], free: .short(ShortForm.external, .record(file)))),
    ])

    static let include = Shape.Record(["path": .words(), "env_file": .words(), "project_directory": .text])
    private static let model = Shape.Record(
        ["name": .text, "model": .text, "context_size": .whole, "runtime_flags": .list(.text)], required: ["model"])

    private static let network = Shape.Record([
        "name": .text, "driver": .text, "driver_opts": .map(.spelling),
        "ipam": .record(
            Shape.Record([
                "driver": .text,
                "config": .replaced(.list(.record(Shape.Record(["subnet": .text, "ip_range": .text, "gateway": .text, "aux_addresses": .map(.text)])))),
                "options": .map(.text),
            ])),
        "external": .flag, "internal": .flag, "enable_ipv4": .flag, "enable_ipv6": .flag, "attachable": .flag, "labels": .pairs(allowsNull: false),
    ])

    private static let volume = Shape.Record([
        "name": .text, "driver": .text, "driver_opts": .map(.spelling), "external": .flag, "labels": .pairs(allowsNull: false),
    ])

    private static let file = Shape.Record([
        "name": .text, "environment": .text, "file": .text, "content": .text, "external": .flag, "labels": .pairs(allowsNull: false), "driver": .text,
        "driver_opts": .map(.spelling), "template_driver": .text,
    ])
}
