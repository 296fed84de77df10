internal import JSON

/// Everything that a service may say.
enum ServiceShape {
    static let record = Shape.Record(
        process.merging(limits) { $1 }.merging(files) { $1 }.merging(network) { $1 }.merging(isolation) { $1 }.merging(orchestration) { $1 })

    private static let process: [String: Shape] = [
        "annotations": .pairs(allowsNull: false), "attach": .flag, "command": .command,
        "container_name": .matching(pattern: "[a-zA-Z0-9][a-zA-Z0-9_.-]+") { $0.firstMatch(of: #/[a-zA-Z0-9][a-zA-Z0-9_.-]+/#) != nil }, "entrypoint": .command,
        "environment": .pairs(allowsNull: true), "env_file": environmentFiles, "healthcheck": .record(healthcheck), "image": .text, "init": .flag,
        "label_file": .words(), "labels": .pairs(allowsNull: false),
        "logging": .record(Shape.Record(["driver": .text, "options": .map(.spelling, allowsNull: true)], discriminator: "driver")),
        "platform": .text, "post_start": .list(.record(hook)), "pre_start": .list(.record(preparation)), "pre_stop": .list(.record(hook)),
        "pull_policy": .matching(pattern: "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+") {
            $0.firstMatch(of: #/always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+/#) != nil
        }, "pull_refresh_after": .text, "restart": .text, "runtime": .text, "stdin_open": .flag, "stop_grace_period": .duration,
        "stop_signal": .text, "tty": .flag, "user": .text, "working_dir": .text,
    ]

    private static let limits: [String: Shape] = [
        "blkio_config": .record(blockIO), "cpu_count": .whole, "cpu_percent": .decimal, "cpu_period": .whole, "cpu_quota": .whole,
        "cpu_rt_period": .whole, "cpu_rt_runtime": .whole, "cpu_shares": .whole, "cpus": .decimal, "cpuset": .text, "mem_limit": .size,
        "mem_reservation": .size, "mem_swappiness": .size, "memswap_limit": .size, "oom_kill_disable": .flag, "oom_score_adj": .whole,
        "pids_limit": .whole, "shm_size": .size, "storage_opt": .map(.spelling), "ulimits": ulimits,
    ]

    private static let files: [String: Shape] = [
        "configs": .list(.short(ShortForm.source, .record(fileReference), or: "string"), .key { $0["target"]?.string ?? "/\($0["source"]?.string ?? "")" }),
        "device_cgroup_rules": .list(.text),
        "devices": .list(.short(ShortForm.device, .record(device), or: "string"), .key { $0["target"]?.string ?? $0["source"]?.string ?? "" }),
        "gpus": .short(ShortForm.allGPUs, .list(.record(deviceRequest))),
        "read_only": .flag,
        "secrets": .list(
            .short(ShortForm.source, .record(fileReference), or: "string"), .key { $0["target"]?.string ?? "/run/secrets/\($0["source"]?.string ?? "")" }),
        "tmpfs": .words(.whole),
        "volumes": .list(.short(VolumeSpec.parse, .record(volume), or: "string"), .key { $0["target"]?.string ?? "" }),
        "volumes_from": .list(.text),
    ]

    private static let network: [String: Shape] = [
        "dns": .words(.whole), "dns_opt": .list(.text, .whole), "dns_search": .words(.whole), "domainname": .text,
        "expose": .list(.spelling, .whole), "external_links": .list(.text), "extra_hosts": extraHosts, "hostname": .text, "links": .list(.text, .whole),
        "mac_address": .text, "network_mode": .text,
        "networks": .short(ShortForm.names, .map(.record(attachment), allowsNull: true), or: "array"),
        "ports": .shortList(PortSpec.parse, .record(port), .key(PortSpec.identity)),
    ]

    private static let isolation: [String: Shape] = [
        "cap_add": .list(.text, .whole), "cap_drop": .list(.text, .whole), "cgroup": .choice(["host", "private"]), "cgroup_parent": .text,
        "credential_spec": .record(Shape.Record(["config": .text, "file": .text, "registry": .text])), "group_add": .list(.spelling),
        "ipc": .text, "isolation": .text, "pid": .textOrNull, "privileged": .flag, "security_opt": .list(.text), "sysctls": .pairs(allowsNull: false),
        "use_api_socket": .strictFlag, "userns_mode": .text, "uts": .text,
    ]

    private static let orchestration: [String: Shape] = [
        "build": .short(ShortForm.context, .record(build), or: "string"), "depends_on": dependencies, "deploy": .record(deployment, allowsNull: true),
        "develop": .record(development, allowsNull: true), "extends": .short(ShortForm.service, .record(extends), or: "string"),
        "models": .short(ShortForm.names, .map(.record(Shape.Record(["endpoint_var": .text, "model_var": .text])), allowsNull: true)),
        "profiles": .list(.text, .whole),
        "provider": .record(Shape.Record(["type": .text, "options": .map(.anything)], required: ["type"])), "scale": .whole,
    ]

    private static let environmentFiles = Shape.short(
        ShortForm.list,
        .list(
            .short(ShortForm.path, .record(Shape.Record(["path": .text, "format": .text, "required": .flag], required: ["path"])), or: "string"),
            .key { $0["path"]?.string ?? "" }), or: "string")

    private static let healthcheck = Shape.Record([
        "disable": .flag, "interval": .duration, "retries": .whole, "test": .replaced(.short(ShortForm.shellTest, .list(.text))), "timeout": .duration,
        "start_period": .duration, "start_interval": .duration,
    ])

    private static let hook = Shape.Record(hookFields, required: ["command"])
    private static let preparation = Shape.Record(hookFields.merging(["image": .text, "per_replica": .flag]) { $1 })
    private static let hookFields: [String: Shape] = [
        "command": .command, "user": .text, "privileged": .flag, "working_dir": .text, "environment": .pairs(allowsNull: true),
    ]

    private static let blockIO = Shape.Record([
        "device_read_bps": rates, "device_read_iops": rates, "device_write_bps": rates, "device_write_iops": rates, "weight": .whole,
        "weight_device": .list(.record(Shape.Record(["path": .text, "weight": .whole]))),
    ])
    private static let rates = Shape.list(.record(Shape.Record(["path": .text, "rate": .size])))

    static let ulimits = Shape.map(
        .replaced(.short(ShortForm.ulimit, .record(Shape.Record(["hard": .whole, "soft": .whole, "single": .whole])))))

    static let fileReference = Shape.Record(["source": .text, "target": .text, "uid": .text, "gid": .text, "mode": .permissions])
    private static let device = Shape.Record(["source": .text, "target": .text, "permissions": .text], required: ["source"])
    private static let deviceRequest = Shape.Record([
        "capabilities": .list(.text), "count": .short(ShortForm.allOf, .whole), "device_ids": .list(.text), "driver": .text, "options": .pairs(allowsNull: false),
    ])

    private static let volume = Shape.Record(
        [
            "type": .choice(["bind", "volume", "tmpfs", "cluster", "npipe", "image"]), "source": .text, "target": .text, "read_only": .flag,
            "consistency": .text,
            "bind": .record(
                Shape.Record([
                    "propagation": .text, "create_host_path": .flag, "recursive": .choice(["enabled", "disabled", "writable", "readonly"]),
                    "selinux": .choice(["z", "Z"]),
                ])),
            "volume": .record(Shape.Record(["labels": .pairs(allowsNull: false), "nocopy": .flag, "subpath": .text])),
            "tmpfs": .record(Shape.Record(["size": .size, "mode": .short(ShortForm.modeBits, .whole)])), "image": .record(Shape.Record(["subpath": .text])),
        ], required: ["type"])

    private static let attachment = Shape.Record([
        "aliases": .list(.text, .whole), "interface_name": .text, "ipv4_address": .text, "ipv6_address": .text, "link_local_ips": .list(.text, .whole),
        "mac_address": .text, "driver_opts": .map(.spelling), "priority": .whole, "gw_priority": .whole,
    ])
    private static let port = Shape.Record([
        "name": .text, "mode": .text, "host_ip": .text, "target": .whole, "published": .spelling, "protocol": .text, "app_protocol": .text,
    ])
    static let extraHosts = Shape.short(ShortForm.hosts, .list(.text, .whole))

    static let extends = Shape.Record(["service": .text, "file": .text], required: ["service"])
    private static let dependencies = Shape.short(
        ShortForm.dependencies,
        .map(
            .record(
                Shape.Record(
                    [
                        "condition": .choice(["service_started", "service_healthy", "service_completed_successfully"]), "restart": .flag,
                        "required": .strictFlag,
                    ], required: ["condition"]))), or: "array")

    private static let build = Shape.Record([
        "context": .text, "dockerfile": .text, "dockerfile_inline": .text, "entitlements": .list(.text), "args": .pairs(allowsNull: true),
        "ssh": .pairs(allowsNull: false), "labels": .pairs(allowsNull: false), "cache_from": .list(.text), "cache_to": .list(.text), "no_cache": .flag,
        "no_cache_filter": .words(), "additional_contexts": .pairs(allowsNull: false), "network": .text, "provenance": .short(ShortForm.word, .text),
        "sbom": .short(ShortForm.word, .text), "pull": .flag, "target": .text, "shm_size": .size, "extra_hosts": extraHosts, "isolation": .text,
        "privileged": .flag, "secrets": .list(.short(ShortForm.source, .record(fileReference), or: "string")), "tags": .list(.text, .whole), "ulimits": ulimits,
        "platforms": .list(.text),
    ])

    private static let development = Shape.Record([
        "watch": .list(
            .record(
                Shape.Record(
                    [
                        "ignore": .words(), "include": .words(), "path": .text,
                        "action": .choice(["rebuild", "sync", "restart", "sync+restart", "sync+exec"]), "target": .text, "exec": .record(hook),
                        "initial_sync": .strictFlag,
                    ], required: ["path", "action"])))
    ])

    private static let deployment = Shape.Record([
        "mode": .text, "endpoint_mode": .text, "replicas": .whole, "labels": .pairs(allowsNull: false), "rollback_config": .record(update),
        "update_config": .record(update), "resources": .record(resources),
        "restart_policy": .record(Shape.Record(["condition": .text, "delay": .duration, "max_attempts": .whole, "window": .duration])),
        "placement": .record(
            Shape.Record([
                "constraints": .list(.text), "preferences": .list(.record(Shape.Record(["spread": .text]))), "max_replicas_per_node": .whole,
            ])),
    ])
    private static let update = Shape.Record([
        "parallelism": .whole, "delay": .duration, "failure_action": .text, "monitor": .duration, "max_failure_ratio": .decimal,
        "order": .choice(["start-first", "stop-first"]),
    ])
    private static let resources = Shape.Record([
        "limits": .record(Shape.Record(["cpus": .decimal, "memory": .size, "pids": .whole])),
        "reservations": .record(
            Shape.Record([
                "cpus": .decimal, "memory": .size,
                "generic_resources": .list(
                    .record(Shape.Record(["discrete_resource_spec": .record(Shape.Record(["kind": .text, "value": .whole]))]))),
                "devices": .list(.record(deviceRequest)),
            ])),
    ])
}
