namespace KubeLab.Pipeline.Completion;

/// <summary>KIND/NAME, as in kubectl, for cmdlets that determine the kind themselves.</summary>
internal static class KindName
{
    /// <summary>Returns the name without the kind.</summary>
    /// <exception cref="KlException">KindUnexpected: the name has another kind.</exception>
    public static string Of(string kind, string name) =>
        name.Split('/', 2) is not [var typedKind, var typedName] ? name
        : typedName.Length > 0 && Is(kind, typedKind.Split('.')[0]) ? typedName
        : throw new KlException(ErrorIds.KindUnexpected, KlErrorKind.InvalidInput, name, $"'{name}' does not name a {kind.ToLowerInvariant()}.",
            "Use Get-KlResource or Remove-KlResource for objects of other kinds.");

    private static bool Is(string kind, string typedKind) =>
        new[] { kind, kind + "s", kind switch { "Pod" => "po", "Deployment" => "deploy", "Service" => "svc", "Node" => "no", _ => kind } }
        .Contains(typedKind, StringComparer.OrdinalIgnoreCase);
}
