namespace KubeLab.Pipeline.Completion;

/// <summary>KIND/NAME as kubectl takes it, where the cmdlet itself says the kind.</summary>
internal static class KindName
{
    /// <summary>The name alone.</summary>
    /// <exception cref="KlException">KindUnexpected: it is of another kind.</exception>
    public static string Of(string kind, string name) =>
        name.Split('/', 2) is not [var said, var alone] ? name
        : alone.Length > 0 && Is(kind, said.Split('.')[0]) ? alone
        : throw new KlException(ErrorIds.KindUnexpected, KlErrorKind.InvalidInput, name, $"'{name}' does not name a {kind.ToLowerInvariant()}.", "Get-KlResource and Remove-KlResource take KIND/NAME of any kind.");

    private static bool Is(string kind, string said) => new[] { kind, kind + "s", kind switch { "Pod" => "po", "Deployment" => "deploy", "Service" => "svc", "Node" => "no", _ => kind } }
        .Contains(said, StringComparer.OrdinalIgnoreCase);
}
