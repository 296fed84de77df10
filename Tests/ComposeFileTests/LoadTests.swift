import ComposeFile
import JSON
import Testing

@Suite struct LoadTests {
    @Test func shortFormsBecomeLong() throws {
        let project = try ProjectText(
            """
            services:
              web:
                image: nginx
                command: sh -c "a && b"
                ports: ["8080:80", "127.0.0.1:9000-9001:9000-9001/udp", 443]
                volumes: [data:/data, "./src:/src:ro", /anon]
                environment: [A=1, B]
                depends_on: [db]
                extra_hosts: ["v6:[::1]", "h=10.0.0.1"]
                mem_limit: 50m
                ulimits: {nproc: 10, nofile: {soft: 1, hard: 2}}
                healthcheck: {test: curl x, interval: 1m30s}
                stop_grace_period: 1d
              db: {build: ./db}
            volumes: {data: }
            """
        ).load()
        let web = try #require(project.services["web"])
        #expect(project.name == "p" && web.command == ["sh", "-c", "a && b"])
        #expect(web.ports.map(\.target) == [80, 9000, 9001, 443] && web.ports.map(\.published) == ["8080", "9000", "9001", ""])
        #expect(web.volumes.map(\.type) == ["volume", "bind", "volume"] && web.volumes[1].source == "/p/src" && web.volumes[1].readOnly)
        #expect(web.environment == ["A": "1", "B": nil] && web.dependsOn["db"]?.condition == "service_started" && web.dependsOn["db"]?.required == true)
        #expect(web.extraHosts == ["h=10.0.0.1", "v6=::1"] && web.memLimit == "52428800" && web.ulimits["nproc"]?.single == 10 && web.ulimits["nofile"]?.hard == 2)
        #expect(web.healthcheck?.test == ["CMD-SHELL", "curl x"] && web.healthcheck?.interval == "1m30s" && web.stopGracePeriod == "24h0m0s")
        #expect(project.services["db"]?.build?.context == "/p/db" && project.services["db"]?.build?.dockerfile == "Dockerfile")
        #expect(project.networks["default"]?.name == "p_default" && project.volumes["data"]?.name == "p_data")
    }

    @Test func laterFilesJoinEarlierOnes() throws {
        var text = ProjectText(
            """
            services:
              web:
                image: a
                command: [one]
                environment: {A: "1", B: "1", C: "1"}
                volumes: [data:/data, /old]
                ports: ["80:80"]
                dns: 1.1.1.1
                labels: [x=1]
                logging: {driver: json-file, options: {max-size: 1m}}
            volumes: {data: , other: }
            """)
        text.files["/p/more.yaml"] = """
            services:
              web:
                image: b
                command: [two]
                environment: [B=2, C]
                volumes: [other:/data]
                ports: !override ["81:81"]
                labels: !reset null
                dns: [8.8.8.8]
                logging: {driver: none}
            """
        let web = try #require(text.load(also: ["/p/more.yaml"]).services["web"])
        #expect(web.image == "b" && web.command == ["two"] && web.environment == ["A": "1", "B": "2", "C": nil])
        #expect(web.volumes.map { "\($0.source):\($0.target)" } == ["other:/data", ":/old"] && web.ports.map(\.target) == [81])
        #expect(web.dns == ["1.1.1.1", "8.8.8.8"] && web.labels.isEmpty && web.logging?.options == [:])
    }

    @Test func servicesExtendOthers() throws {
        let others = ["/p/base/base.yaml": "services: {base: {extends: root, volumes: ['./x:/x']}, root: {image: a, environment: {A: '1'}, cap_add: [NET_ADMIN]}}"]
        let text = "services: {web: {extends: {file: base/base.yaml, service: base}, environment: {B: '2'}, cap_add: [NET_ADMIN, SYS_TIME]}}"
        let web = try #require(ProjectText(text, others).load().services["web"])
        #expect(web.image == "a" && web.environment == ["A": "1", "B": "2"] && web.volumes.first?.source == "/p/base/x" && web.capAdd == ["NET_ADMIN", "SYS_TIME"])
        #expect(ProjectText.problem("services: {a: {extends: b}, b: {extends: a}}").hasPrefix("Circular reference:\n  a in /p/compose.yaml\n  extends b in"))
        #expect(ProjectText.problem("services: {a: {image: x, extends: c}}") == #"cannot extend service "a" in /p/compose.yaml: service "c" not found"#)
    }

    @Test func filesIncludeOthers() throws {
        let others = ["/p/sub/compose.yaml": "services: {db: {image: 'pg:${V}', volumes: ['./d:/d']}}", "/p/sub/.env": "V=9"]
        let project = try ProjectText("include: [sub/compose.yaml]\nservices: {web: {image: w, depends_on: [db]}, db: {user: me}}", others).load()
        #expect(project.services["db"]?.image == "pg:9" && project.services["db"]?.volumes.first?.source == "/p/sub/d" && project.services["db"]?.user == "me")
        #expect(ProjectText.problem("include: [a.yaml]", ["/p/a.yaml": "include: [compose.yaml]\nservices: {}"]).hasPrefix("include cycle detected:\n/p/compose.yaml"))
    }

    @Test func anchorsAndExtensions() throws {
        let project = try ProjectText("x-base: &base {restart: always, environment: {A: '1'}}\nservices: {web: {<<: *base, image: a, x-mine: 1}}").load()
        #expect(project.services["web"]?.restart == "always" && project.services["web"]?.environment == ["A": "1"])
        #expect(project.readableDocument["services"]?["web"]?["x-mine"]?.int == 1 && project.readableDocument["x-base"] != nil)
    }

    @Test func profilesTurnServicesOn() throws {
        var text = ProjectText("services: {a: {image: a}, b: {image: b, profiles: [debug]}, c: {image: c, profiles: [other], depends_on: [a]}}")
        #expect(try text.load().services.keys.sorted() == ["a"])
        text.profiles = ["debug"]
        #expect(try text.load().services.keys.sorted() == ["a", "b"])
        text.profiles = ["*"]
        #expect(try text.load().layers == [["a", "b"], ["c"]])
        text.profiles = []
        #expect(try text.load().selecting(["c"]).services.keys.sorted() == ["a", "c"])
        #expect(throws: ComposeFileError("no such service: d")) { try text.load().selecting(["d"]) }
    }

    @Test func variablesOfFilesComeUnderThose() throws {
        let others = ["/p/a.env": "A=file\nB=${A}-${OUT}\nC='$A'\n", "/p/l.env": "L=1"]
        var text = ProjectText(
            "services: {web: {image: 'i:${TAG:-1}', env_file: [a.env, {path: no.env, required: false}], environment: {A: own, Z: }, label_file: l.env}}", others)
        text.environment["OUT"] = "out"
        let web = try #require(text.load().services["web"])
        #expect(web.image == "i:1" && web.environment == ["A": "own", "B": "own-out", "C": "$A", "Z": nil] && web.labels == ["L": "1"])
        #expect(ProjectText.problem("services: {web: {image: a, env_file: no.env}}") == "env file /p/no.env not found: stat /p/no.env: no such file or directory")
    }

    @Test(arguments: [
        ("services: {web: {image: a, foo: 1}}", "validating /p/compose.yaml: services.web additional properties 'foo' not allowed"),
        ("servces: {}", "validating /p/compose.yaml:  additional properties 'servces' not allowed"),
        ("services: {web: {image: a, ports: 80}}", "validating /p/compose.yaml: services.web.ports must be a array"),
        ("services: {web: {image: 1}}", "validating /p/compose.yaml: services.web.image must be a string"),
        ("services: {web: 1}", "validating /p/compose.yaml: services.web must be a mapping"),
        ("services: {web: {}}", "service \"web\" has neither an image nor a build context specified: invalid compose project"),
        ("services: {web: {image: a, depends_on: [db]}}", "service \"web\" depends on undefined service \"db\": invalid compose project"),
        ("services: {web: {image: a, volumes: ['d:/d']}}", "service \"web\" refers to undefined volume d: invalid compose project"),
        ("services: {web: {image: a, networks: [n]}}", "service \"web\" refers to undefined network n: invalid compose project"),
        ("services: {web: {image: a, secrets: [s]}}", "service \"web\" refers to undefined secret s: invalid compose project"),
        (
            "services: {web: {image: a, network_mode: host, networks: [n]}}\nnetworks: {n: }",
            "service web declares mutually exclusive `network_mode` and `networks`: invalid compose project"
        ),
        ("services: {a: {image: a, depends_on: [b]}, b: {image: b, depends_on: [a]}}", "dependency cycle detected: a -> b -> a"),
        ("services: {web: {image: '${X'}}", "invalid interpolation format for services.web.image.\nYou may need to escape any $ with another $.\n${X"),
        ("services: {web: {image: '${X:?say so}'}}", "error while interpolating services.web.image: required variable X is missing a value: say so"),
        ("services: {web: {image: a, privileged: maybe}}", "error while interpolating services.web.privileged: failed to cast to expected type: invalid boolean: maybe"),
        ("services: {web: {image: a, ports: ['x:80']}}", "invalid hostPort: x"),
        ("services: {web: {image: a, tmpfs: /t, volumes: [/t]}}", "services.web.volumes[0]: target /t already mounted as services.web.tmpfs[0]"),
        ("volumes: {v: {external: true, driver: x}}", "volumes.v: conflicting parameters \"external\" and \"driver\" specified"),
        ("secrets: {s: {}}", "secrets.s: one of file|environment must be set"),
        ("services: {a: {image: x, mem_limit: foo}}", "decoding failed due to the following error(s):\n\n'services[a].mem_limit' invalid size: 'foo'"),
        ("- a", "top-level object must be a mapping"), ("", "empty compose file"),
        ("a: b: c", "failed to parse /p/compose.yaml: yaml: line 1: mapping values are not allowed in this context"),
    ])
    func refuses(_ text: String, _ problem: String) {
        #expect(ProjectText.problem(text) == problem)
    }
}
