internal import CLinux
package import Linux

/// An element of an nftables set, or of a map when it has data. Fields of a concatenation are each padded with zeros to four bytes, numbers
/// are in the network's byte order, interface names are 16 bytes: as nft(8) lays them out.
package struct SetElement: Sendable, Hashable {
    package var key: [UInt8]
    package var data: [UInt8]?
    /// Shown by nft(8); at most 128 bytes.
    package var comment: String

    package init(key: [UInt8], data: [UInt8]? = nil, comment: String = "") {
        self.key = key
        self.data = data
        self.comment = comment
    }
}

/// One step of a transaction on a table.
package enum TableChange: Sendable {
    /// One that is there with other data fails with `EBUSY` or `EEXIST`; with the same it is right.
    case add([SetElement], to: String)
    /// One that is not there fails with `ENOENT`.
    case remove([SetElement], from: String)
    case removeTable
}

extension NetlinkSocket {
    /// Elements in one message: its attributes must stay below 64 KiB.
    private static let elementsPerMessage = 200

    /// Makes all changes or none: one transaction of nf_tables on a table of the family `inet`.
    package mutating func commit(_ changes: [TableChange], to table: String) throws(SyscallError) {
        typealias Step = (type: Int, flags: Int32, set: String?, elements: ArraySlice<SetElement>)
        var steps: [Step] = []
        func split(_ type: NFTMessage, _ flags: Int32, _ set: String, _ elements: [SetElement]) {
            for start in stride(from: 0, to: elements.count, by: Self.elementsPerMessage) {
                steps.append((type.rawValue, flags, set, elements[start..<min(elements.count, start + Self.elementsPerMessage)]))
            }
        }
        for change in changes {
            switch change {
            case .add(let elements, let set): split(.newElements, NLM_F_CREATE, set, elements)
            case .remove(let elements, let set): split(.removeElements, 0, set, elements)
            case .removeTable: steps.append((NFTMessage.removeTable.rawValue, 0, nil, []))
            }
        }
        guard !steps.isEmpty else { return }
        let first = nextSequence(UInt32(clamping: steps.count + 2))
        var messages = [batchMark(NFNL_MSG_BATCH_BEGIN, first)]
        for (index, step) in steps.enumerated() {
            let flags = step.flags | (index == steps.count - 1 ? NLM_F_ACK : 0)
            var message = NetlinkMessage(
                type: tablesType(step.type), flags: UInt16(truncatingIfNeeded: flags), sequence: first + 1 + UInt32(index))
            message.append(header(inetFamily))
            if let set = step.set {
                message.attribute(Int(NFTA_SET_ELEM_LIST_TABLE.rawValue), text: table)
                message.attribute(Int(NFTA_SET_ELEM_LIST_SET.rawValue), text: set)
                message.nest(Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)) { message in
                    for element in step.elements { append(element, to: &message) }
                }
            } else {
                message.attribute(Int(NFTA_TABLE_NAME.rawValue), text: table)
            }
            messages.append(message)
        }
        let last = first + UInt32(steps.count)
        messages.append(batchMark(NFNL_MSG_BATCH_END, last + 1))
        try performAll("table \(table)", messages, first: first, last: last)
    }

    /// Every element of a set or map; throws `ENOENT` when there is no such set or table.
    package mutating func elements(of set: String, table: String) throws(SyscallError) -> [SetElement] {
        let replies = try query("list set \(table) \(set)", type: Int(tablesType(NFTMessage.getElements.rawValue)), flags: NLM_F_DUMP) { message in
            message.append(header(inetFamily))
            message.attribute(Int(NFTA_SET_ELEM_LIST_TABLE.rawValue), text: table)
            message.attribute(Int(NFTA_SET_ELEM_LIST_SET.rawValue), text: set)
        }
        return replies.flatMap { reply in
            reply.attributes(after: MemoryLayout<nfgenmsg>.size).nested(Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)).compactMap { SetElement(NetlinkAttributes($0.value)) }
        }
    }
}

/// Type of the first user datum of an element: `NFTNL_UDATA_SET_ELEM_COMMENT`, which nft(8) shows as its comment.
private let commentKind: UInt8 = 0

private func append(_ element: SetElement, to message: inout NetlinkMessage) {
    message.nest(Int(NFTA_LIST_ELEM.rawValue)) { message in
        message.nest(Int(NFTA_SET_ELEM_KEY.rawValue)) { $0.attribute(Int(NFTA_DATA_VALUE.rawValue), element.key) }
        if let data = element.data { message.nest(Int(NFTA_SET_ELEM_DATA.rawValue)) { $0.attribute(Int(NFTA_DATA_VALUE.rawValue), data) } }
        if !element.comment.isEmpty {
            // Kind, length, text with its zero.
            let text = element.comment.utf8.prefix(127) + [0]
            message.attribute(Int(NFTA_SET_ELEM_USERDATA.rawValue), [commentKind, UInt8(clamping: text.count)] + text)
        }
    }
}

extension SetElement {
    init?(_ attributes: NetlinkAttributes) {
        guard let key = attributes.nested(Int(NFTA_SET_ELEM_KEY.rawValue)).first(Int(NFTA_DATA_VALUE.rawValue)) else { return nil }
        self.key = Array(key)
        data = attributes.nested(Int(NFTA_SET_ELEM_DATA.rawValue)).first(Int(NFTA_DATA_VALUE.rawValue)).map { Array($0) }
        comment = ""
        if let user = attributes.first(Int(NFTA_SET_ELEM_USERDATA.rawValue)), user.number(UInt8.self, at: 0) == commentKind, let length = user.number(UInt8.self, at: 1) {
            comment = String(decoding: user.dropFirst(2).prefix(Int(length)).prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
