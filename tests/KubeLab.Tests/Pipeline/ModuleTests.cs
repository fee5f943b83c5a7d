using System.Management.Automation;
using System.Net;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.PortableExecutable;
using System.Security;
using KubeLab.Pipeline;

namespace KubeLab.Tests.Pipeline;

public sealed class ModuleTests
{
    [Fact]
    public async Task Pester_tests_pass_in_a_real_shell()
    {
        var result = await ShellProcess.PesterAsync("tests/Pester/KubeLab.Tests.ps1");
        Assert.True(result.Code == 0, result.Output + result.Error);
    }

    [Fact]
    public void The_cmdlet_assembly_references_only_the_engine()
    {
        // All other assemblies are in a load context that PowerShell does not search.
        Assert.Equal(["KubeLab.Engine"], typeof(KlCmdlet).Assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!).Where(name => File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll"))).Order());
    }

    [Fact]
    public void The_module_contains_code_for_this_processor()
    {
        // ECMA-335 II.25.3.3: the CLI header. Its ManagedNativeHeader is the directory of precompiled code.
        var module = Path.Combine(Repository.Root, "Module");
        Assert.All(Directory.GetFiles(module, "*.dll", SearchOption.AllDirectories), file =>
        {
            using var assembly = new PEReader(File.OpenRead(file));
            Assert.NotEqual(0, assembly.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size);
        });
    }

    [Fact]
    public void Serialized_objects_contain_no_secrets()
    {
        // ConvertTo-Json, Export-Clixml and Format-List * write all public properties recursively.
        var left = new Stack<Type>(typeof(KlCmdlet).Assembly.GetExportedTypes().SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>())
            .SelectMany(output => output.Type).Select(output => output.Type));
        var seen = new HashSet<Type>();
        var secrets = new List<string>();
        while (left.TryPop(out var type))
            if (seen.Add(type))
                foreach (var part in type.GetGenericArguments().Append(type.GetElementType()).OfType<Type>()
                    .Concat(type.Namespace?.StartsWith("KubeLab", StringComparison.Ordinal) == true ? type.GetProperties().Select(Shown) : []))
                    left.Push(part);
        Assert.Contains(typeof(Engine.Remote.SshEndpoint), seen);
        Assert.Contains(typeof(KlRegistry), seen);
        Assert.Empty(secrets);

        Type Shown(PropertyInfo property)
        {
            if (typeof(ICredentials).IsAssignableFrom(property.PropertyType) || property.PropertyType == typeof(SecureString)
                || property.Name is "Password" or "Token" or "PrivateKey")
                secrets.Add($"{property.DeclaringType!.Name}.{property.Name}");
            return property.PropertyType;
        }
    }

    [Fact]
    public void Properties_of_output_objects_have_a_short_text()
    {
        // Export-Csv writes ToString of each property: the name of the type for an array, all fields for a record of the Kubernetes client.
        var properties = typeof(KlCmdlet).Assembly.GetExportedTypes().SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>())
            .SelectMany(output => output.Type).Select(output => output.Type).Where(type => type.Namespace == nameof(KubeLab)).Distinct()
            .SelectMany(type => type.GetProperties()).ToList();
        Assert.Contains(properties, property => property is { Name: "Urls", PropertyType.IsGenericType: true });
        Assert.Empty(properties.Where(property => new[] { typeof(Uri), typeof(Uri[]), typeof(string[]) }.Contains(property.PropertyType)
            || property.PropertyType.Namespace == "k8s.Models").Select(property => $"{property.DeclaringType}.{property.Name}"));
        Assert.Equal("a, b", $"{(KlCollection<string>)["a", "b"]}");
    }

    [Fact]
    public async Task Dependencies_are_isolated()
    {
        var folder = Directory.CreateTempSubdirectory("kubelab-");
        try
        {
            var other = Path.Combine(folder.FullName, "YamlDotNet.dll");
            var assembly = new PersistedAssemblyBuilder(new AssemblyName("YamlDotNet") { Version = new(999, 0) }, typeof(object).Assembly);
            assembly.DefineDynamicModule("YamlDotNet");
            assembly.Save(other);

            var result = await ShellProcess.RunAsync("-File", "tests/KubeLab.Tests/Pipeline/LoadContext.ps1", "-Manifest", "./KubeLab.psd1",
                "-OtherAssembly", other);

            Assert.Equal(new(0, "answer: 42", ""), result with { Output = result.Output.Trim() });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
