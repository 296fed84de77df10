/// Shell completion, written from the same tables that command lines are read by.
package enum Shell: String, Sendable, CaseIterable {
    case bash, zsh, fish
}

extension Parser {
    /// A script for `shell` that completes commands, flags and the names of objects.
    package func completion(for shell: Shell) -> String {
        let nodes = tree(root, [])
        return switch shell {
        case .bash: bash(nodes)
        case .zsh: zsh(nodes)
        case .fish: fish(nodes)
        }
    }

    private struct Node {
        var words: [String]
        var summary: String
        var flags: [Flag]
        var children: [(name: String, summary: String)]
        var subject: Subject
        var key: String { words.joined(separator: " ") }
    }

    private func tree(_ command: Command<Action>, _ words: [String]) -> [Node] {
        let children = command.subcommands().filter { !$0.isHidden }
        let node = Node(
            words: words, summary: command.summary, flags: command.flags().filter { !$0.isHidden && $0.unsupported == nil },
            children: children.flatMap { child in ([child.name] + child.aliases).map { ($0, child.summary) } }, subject: command.subject)
        return [node] + children.flatMap { child in ([child.name] + child.aliases).flatMap { tree(child, words + [$0]) } }
    }

    /// The command that lists what may follow.
    private func listing(_ subject: Subject) -> String? {
        switch subject {
        case .nothing, .files: nil
        case .containers: "\(program) container ls -a --format '{{.Names}}'"
        case .services: "\(program) compose config --services"
        case .runningContainers: "\(program) container ls --format '{{.Names}}'"
        case .images: "\(program) image ls --format '{{.Repository}}:{{.Tag}}'"
        case .volumes: "\(program) volume ls -q"
        case .contexts: "\(program) context ls -q"
        case .networks: "\(program) network ls --format '{{.Name}}'"
        }
    }

    private func flagWords(_ node: Node) -> String {
        node.flags.flatMap { flag in ["--\(flag.name)"] + (flag.short.map { ["-\($0)"] } ?? []) }.joined(separator: " ")
    }

    /// Flags whose value stands in the next word, so that it is not taken for a command.
    private func valueFlags(_ node: Node) -> String {
        node.flags.filter { $0.kind != .bool }.flatMap { flag in ["--\(flag.name)"] + (flag.short.map { ["-\($0)"] } ?? []) }.joined(separator: " ")
    }

    private func tables(_ nodes: [Node]) -> String {
        var text = ""
        for node in nodes {
            // bash refuses an empty key.
            let key = ([program] + node.words).joined(separator: " ")
            text += "    _\(program)_flags['\(key)']='\(flagWords(node))'\n"
            if !node.children.isEmpty { text += "    _\(program)_words['\(key)']='\(node.children.map(\.name).joined(separator: " "))'\n" }
            if node.flags.contains(where: { $0.kind != .bool }) { text += "    _\(program)_values['\(key)']=' \(valueFlags(node)) '\n" }
            if let listing = listing(node.subject) { text += "    _\(program)_list['\(key)']=\"\(listing)\"\n" }
        }
        return text
    }

    private func bash(_ nodes: [Node]) -> String {
        """
        # bash completion for \(program)
        declare -A _\(program)_flags _\(program)_words _\(program)_values _\(program)_list
        _\(program)_tables() {
        \(tables(nodes))}
        _\(program)_tables
        _\(program)() {
            local word current=${COMP_WORDS[COMP_CWORD]} path=\(program) index=1 previous=${COMP_WORDS[COMP_CWORD-1]}
            while ((index < COMP_CWORD)); do
                word=${COMP_WORDS[index]}
                if [[ $word == -* ]]; then
                    [[ ${_\(program)_values[$path]-} == *" $word "* ]] && ((index++))
                elif [[ " ${_\(program)_words[$path]-} " == *" $word "* ]]; then
                    path="$path $word"
                fi
                ((index++))
            done
            if [[ ${_\(program)_values[$path]-} == *" $previous "* ]]; then
                COMPREPLY=($(compgen -f -- "$current"))
            elif [[ $current == -* ]]; then
                COMPREPLY=($(compgen -W "${_\(program)_flags[$path]-} --help" -- "$current"))
            elif [[ -n ${_\(program)_words[$path]-} ]]; then
                COMPREPLY=($(compgen -W "${_\(program)_words[$path]}" -- "$current"))
            elif [[ -n ${_\(program)_list[$path]-} ]]; then
                COMPREPLY=($(compgen -W "$(eval "${_\(program)_list[$path]}" 2>/dev/null)" -- "$current"))
            else
                COMPREPLY=($(compgen -f -- "$current"))
            fi
        }
        complete -o bashdefault -F _\(program) \(program)

        """
    }

    private func zsh(_ nodes: [Node]) -> String {
        """
        #compdef \(program)
        typeset -gA _\(program)_flags _\(program)_words _\(program)_values _\(program)_list
        _\(program)_tables() {
        \(tables(nodes).replacingKeyQuotes())}
        _\(program)() {
            (( ${#_\(program)_flags} )) || _\(program)_tables
            local word path_= index=2
            while (( index < CURRENT )); do
                word=${words[index]}
                if [[ $word == -* ]]; then
                    [[ ${_\(program)_values[$path_]-} == *" $word "* ]] && (( index++ ))
                elif [[ " ${_\(program)_words[$path_]-} " == *" $word "* ]]; then
                    path_="$path_ $word"
                fi
                (( index++ ))
            done
            if [[ ${_\(program)_values[$path_]-} == *" ${words[CURRENT-1]} "* ]]; then
                _files
            elif [[ $PREFIX == -* ]]; then
                compadd -- ${=_\(program)_flags[$path_]} --help
            elif [[ -n ${_\(program)_words[$path_]-} ]]; then
                compadd -- ${=_\(program)_words[$path_]}
            elif [[ -n ${_\(program)_list[$path_]-} ]]; then
                compadd -- ${(f)"$(eval ${_\(program)_list[$path_]} 2>/dev/null)"}
            else
                _files
            fi
        }
        compdef _\(program) \(program)

        """
    }

    private func fish(_ nodes: [Node]) -> String {
        func quoted(_ text: String) -> String {
            let line = text.split(separator: "\n").first.map(String.init) ?? ""
            return "'" + line.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'") + "'"
        }
        let values = nodes.first.map { $0.flags.filter { $0.kind != .bool }.flatMap { ["--\($0.name)"] + ($0.short.map { ["-\($0)"] } ?? []) } } ?? []
        var text = """
            # fish completion for \(program)
            function __\(program)_path
                set -l words
                set -l skip 0
                for word in (commandline -opc)[2..]
                    if test $skip = 1
                        set skip 0
                    else if contains -- $word \(values.joined(separator: " "))
                        set skip 1
                    else if not string match -q -- '-*' $word
                        set -a words $word
                    end
                end
                echo "$words"
            end
            function __\(program)_at
                test (__\(program)_path) = "$argv"
            end
            function __\(program)_in
                string match -q -- "$argv" (__\(program)_path); or string match -q -- "$argv *" (__\(program)_path)
            end

            """
        for node in nodes {
            for child in node.children {
                text += "complete -c \(program) -f -n '__\(program)_at \(node.key)' -a \(child.name) -d \(quoted(child.summary))\n"
            }
            let condition = node.words.isEmpty ? "__\(program)_at" : "__\(program)_in \(node.key)"
            for flag in node.flags {
                let short = flag.short.map { " -s \($0)" } ?? ""
                text += "complete -c \(program) -n '\(condition)' -l \(flag.name)\(short)\(flag.kind == .bool ? "" : " -r") -d \(quoted(flag.help))\n"
            }
            if let listing = listing(node.subject) {
                text += "complete -c \(program) -f -n '\(condition)' -a \"(\(listing) 2>/dev/null)\"\n"
            }
        }
        return text
    }
}

extension String {
    /// zsh takes quotes inside a subscript for part of the key: `x['a b']=…` becomes `x[a b]=…`.
    fileprivate func replacingKeyQuotes() -> String {
        split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            guard let open = line.range(of: "['"), let close = line.range(of: "']=") else { return String(line) }
            return String(line[..<open.lowerBound]) + "[" + line[open.upperBound..<close.lowerBound] + "]=" + line[close.upperBound...]
        }.joined(separator: "\n")
    }
}

extension Substring {
    fileprivate func range(of needle: String) -> Range<Index>? { firstRange(of: needle) }
}
