using System.Text.RegularExpressions;
using KubeLab.Engine;
using KubeLab.Tests.Pipeline;
using Mono.Cecil;

namespace KubeLab.Tests;

/// <summary>The folders of the engine: which types the sources in them declare, and which types these use. Types in the root folder compose the
/// engine.</summary>
internal static partial class EngineFolders
{
    /// <summary>The folder of each type by its full name, such as Machines/Docker.</summary>
    public static IReadOnlyDictionary<string, string> Of { get; } = Declared().Where(one => one.Folder.Length > 0).Distinct()
        .ToDictionary(one => one.Type, one => one.Folder);

    /// <summary>Each use of a type of another folder.</summary>
    public static IReadOnlyList<TypeUse> Uses { get; } = ReadUses();

    private static IEnumerable<(string Type, string Folder)> Declared() =>
        from file in Repository.Sources("src/KubeLab.Engine")
        let folder = Path.GetRelativePath(Path.Combine(Repository.Root, "src/KubeLab.Engine"), Path.GetDirectoryName(file)!).TrimStart('.')
        let text = File.ReadAllText(file)
        from declaration in Declaration().Matches(text)
        select ($"{Namespace().Match(text).Groups[1]}.{declaration.Groups[1]}", folder);

    private static List<TypeUse> ReadUses()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(LabEngine).Assembly.Location);
        return
        [
            .. from type in assembly.MainModule.Types
               where Of.ContainsKey(NameOf(type))
               from used in All(type).SelectMany(References).SelectMany(Parts).Select(NameOf).Distinct()
               where Of.TryGetValue(used, out var folder) && folder != Of[NameOf(type)]
               select new TypeUse(NameOf(type), Of[NameOf(type)], used, Of[used]),
        ];
    }

    // A type with its nested types, which include lambdas and state machines.
    private static IEnumerable<TypeDefinition> All(TypeDefinition type) => type.NestedTypes.SelectMany(All).Prepend(type);

    private static IEnumerable<TypeReference?> References(TypeDefinition type) =>
    [
        type.BaseType, .. type.Interfaces.Select(one => one.InterfaceType), .. type.Fields.Select(one => one.FieldType),
        .. type.GenericParameters.SelectMany(one => one.Constraints).Select(one => one.ConstraintType), .. type.Methods.SelectMany(References),
    ];

    private static IEnumerable<TypeReference?> References(MethodDefinition method) =>
    [
        method.ReturnType, .. method.Parameters.Select(one => one.ParameterType),
        .. method.GenericParameters.SelectMany(one => one.Constraints).Select(one => one.ConstraintType),
        .. !method.HasBody ? [] : method.Body.Variables.Select(one => one.VariableType)
            .Concat(method.Body.Instructions.SelectMany(one => References(one.Operand))),
    ];

    private static IEnumerable<TypeReference?> References(object? operand) => operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [method.DeclaringType, method.ReturnType, .. method.GenericArguments],
        MethodReference method => [method.DeclaringType, method.ReturnType],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
        TypeSpecification wrapped => Parts(wrapped.ElementType),
        _ => [type],
    };

    private static string NameOf(TypeReference type) =>
        type.DeclaringType is { } outer ? NameOf(outer) : $"{type.Namespace}.{type.Name.Split('`')[0]}";

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^(?:public|internal) (?:[a-z]+ )*?(?:class|record struct|record|struct|interface|enum|delegate [^(]+?) ?\b(\w+)(?=[\s<(:;{]|$)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();
}

/// <summary>A use of a type.</summary>
internal sealed record TypeUse(string Type, string Folder, string Used, string UsedFolder)
{
    public override string ToString() => $"{Type} ({Folder}) uses {Used} ({UsedFolder})";
}
