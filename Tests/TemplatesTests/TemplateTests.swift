import JSON
import Testing

@testable import Templates

private let sample = #"""
    {"Id":"abc","Name":"/web","State":{"Running":true,"Pid":42},"Args":["-c","sleep 1"],"Empty":[],"Labels":{"a":"1","b":"2"},
     "Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}],"443/tcp":null},"Null":null,"Size":1.5}
    """#

private func render(_ template: String, _ options: Template.Options = .init()) throws -> String {
    try Template(template).render(try JSONValue(parsing: sample), options)
}

@Suite struct TemplateTests {
    @Test(arguments: [
        ("plain", "plain"), ("{{.Id}}", "abc"), ("{{.State.Running}} {{.State.Pid}}", "true 42"), ("{{.Args}}", "[-c sleep 1]"),
        ("{{.Labels}}", "map[a:1 b:2]"), ("{{json .State}}", #"{"Running":true,"Pid":42}"#), ("{{json .Null}}", "null"), ("{{.Null}}", "<no value>"),
        ("{{index .Args 1}}", "sleep 1"), (#"{{index .Labels "a"}}{{index .Labels "zz"}}"#, "1"),
        (#"{{(index (index .Ports "80/tcp") 0).HostPort}}"#, "8080"), (#"{{with index .Ports "443/tcp"}}x{{else}}none{{end}}"#, "none"),
        ("{{range .Args}}<{{.}}>{{end}}", "<-c><sleep 1>"), ("{{range $i, $a := .Args}}{{$i}}={{$a}};{{end}}", "0=-c;1=sleep 1;"),
        ("{{range $k, $v := .Labels}}{{$k}}{{$v}}{{end}}", "a1b2"), ("{{range .Empty}}x{{else}}empty{{end}}", "empty"),
        ("{{range $p, $conf := .Ports}}{{$p}} -> {{if $conf}}{{(index $conf 0).HostPort}}{{else}}-{{end}} {{end}}", "443/tcp -> - 80/tcp -> 8080 "),
        ("{{if .State.Running}}up{{else}}down{{end}}", "up"), ("{{if not .State.Running}}a{{else if eq .Id \"abc\"}}b{{else}}c{{end}}", "b"),
        ("{{if and .State.Running (gt .State.Pid 41)}}y{{end}}", "y"), ("{{or .Null .Id}}", "abc"), ("{{.Name | upper | printf \"%s!\"}}", "/WEB!"),
        ("{{$x := .Id}}{{$x}}{{$.Name}}", "abc/web"), ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"), ("a {{- /* no */ -}} b", "ab"),
        ("a {{- .Id -}} b", "aabcb"), ("{{join .Args \" \"}}", "-c sleep 1"), ("{{split .Name \"/\"}}", "[ web]"), ("{{len .Args}}{{len .Id}}", "23"),
        ("{{title \"hello wOrld\"}}", "Hello World"), ("{{pad .Id 1 2}}|", " abc  |"), ("{{truncate .Id 2}}", "ab"), ("{{slice .Id 1 2}}", "b"),
        ("{{printf \"%-5s|%5s|%05d|%x|%q|%t|%.2f\" .Id .Id 42 255 .Id true 1.005}}", "abc  |  abc|00042|ff|\"abc\"|true|1.00"),
        ("{{print 1 2}}{{print \"a\" \"b\"}}{{println \"x\"}}", "1 2abx\n"), ("{{eq .Id \"x\" \"abc\"}}{{ne 1 2}}{{lt 1 2}}{{ge \"b\" \"a\"}}", "truetruetruetrue"),
        ("{{range 3}}{{.}}{{end}}", "012"), ("{{range .Args}}{{break}}x{{end}}-", "-"), ("{{range .Args}}{{if eq . \"-c\"}}{{continue}}{{end}}{{.}}{{end}}", "sleep 1"),
        ("{{\"tab\\t\"}}{{`raw\\n`}}{{'a'}}", "tab\traw\\n97"), ("{{html \"<a>\"}}{{urlquery \"a b\"}}", "&lt;a&gt;a+b"), ("{{with .State}}{{.Pid}}{{end}}", "42"),
    ])
    func renders(_ template: String, _ expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test(arguments: [
        ("{{.Foo}}", #"template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo""#),
        ("x\n{{ .State.Foo}}", #"template: :2:9: executing "" at <.State.Foo>: map has no entry for key "Foo""#),
        ("{{.Id.Foo}}", #"template: :1:5: executing "" at <.Id.Foo>: can't evaluate field Foo in type string"#),
        ("{{index .Args 5}}", #"template: :1:2: executing "" at <index>: error calling index: reflect: slice index out of range"#),
        ("{{.Foo", "template: :1: unclosed action"), ("{{}}", "template: :1: missing value for command"),
        ("{{foo}}", #"template: :1: function "foo" not defined"#), ("{{if .Id}}", "template: :1: unexpected EOF"),
        ("{{end}}", "template: :1: unexpected {{end}}"), ("{{$x}}", #"template: :1: undefined variable "$x""#),
        ("{{\"a}}", "template: :1: unterminated quoted string"), ("{{(.Id}}", "template: :1: unclosed left paren"),
        ("{{.Id | }}", "template: :1: missing value for command"), ("{{break}}", "template: :1: {{break}} outside {{range}}"),
    ])
    func refuses(_ template: String, _ expected: String) {
        #expect(throws: TemplateError(description: expected)) { try render(template) }
    }

    @Test func knowsZerosMethodsAndCase() throws {
        var options = Template.Options()
        options.zero = { $0 == "Health" ? .pointer : $0 == "Null" ? .list : nil }
        options.methods = ["Label": { .string("label \($0.first?.string ?? "")") }]
        options.ignoresCase = true
        #expect(try render("{{.ID}}{{if .State.Health}}x{{end}}{{.Null}}{{json .Null}}{{.Label \"q\"}}", options) == "abc[]nulllabel q")
        options.text = { name, value in name == "ID" ? "<\(value.string ?? "")>" : nil }
        #expect(try render("{{.ID}} {{json .ID}} {{eq .ID \"abc\"}} {{len .ID}} {{slice .ID 1}} {{printf \"%s\" .ID}}", options) == "<abc> \"abc\" true 3 bc <abc>")
        options.typeName = "*formatter.ContainerContext"
        #expect(throws: TemplateError(description: #"template: :1:2: executing "" at <.Foo>: can't evaluate field Foo in type *formatter.ContainerContext"#)) {
            try render("{{.Foo}}", options)
        }
    }

    @Test func limitsNesting() {
        let deep = String(repeating: "{{if true}}", count: 5000) + String(repeating: "{{end}}", count: 5000)
        #expect(throws: TemplateError.self) { try Template(deep) }
        #expect(throws: TemplateError.self) { try Template("{{" + String(repeating: "(", count: 5000)) }
    }
}

@Suite struct TableTests {
    @Test func alignsAsTabwriterDoes() {
        #expect(
            Table.aligned("CONTAINER ID\tIMAGE\tNAMES\nabc\tbusybox:latest\tx\n")
                == "CONTAINER ID   IMAGE            NAMES\nabc            busybox:latest   x\n")
        #expect(Table.aligned("a\tb\tc") == "a         b         c")
        #expect(Table.aligned("a\tb\nlong line without\nx\ty") == "a         b\nlong line without\nx         y")
    }
}
