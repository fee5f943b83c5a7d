using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace KubeLab.Tests.Lab;

/// <summary>The position of a test in its class.</summary>
/// <remarks>The tests that <see cref="RequiresAttribute"/> lists run first, unless this process has already started them. A test can therefore run
/// alone, and a run of all tests repeats nothing.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OrderAttribute(int number) : BeforeAfterTestAttribute
{
    /// <summary>Tests with lower numbers run first.</summary>
    public int Number { get; } = number;

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest) => Prerequisites.RunFor(methodUnderTest);
}

/// <summary>A prerequisite of some tests in a class.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class RequiresAttribute(int number) : Attribute
{
    /// <summary>The number of the required tests. Tests with parameters are not run.</summary>
    public int Number { get; } = number;

    /// <summary>The number of the first test that requires it.</summary>
    public required int From { get; init; }

    /// <summary>The number of the last test that requires it.</summary>
    public required int To { get; init; }
}

/// <summary>Runs the tests of a class by <see cref="OrderAttribute"/>, so that they can share one cluster.</summary>
public sealed class Ordered : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases) where TTestCase : ITestCase =>
        testCases.OrderBy(test => test.TestMethod.Method.GetCustomAttributes(typeof(OrderAttribute))
            .Select(order => order.GetNamedArgument<int>(nameof(OrderAttribute.Number))).FirstOrDefault());
}

/// <summary>Runs each prerequisite once per process.</summary>
internal static class Prerequisites
{
    private static readonly HashSet<(Type Class, string Name)> Started = [];

    /// <summary>Runs the prerequisites of a test that have not been started.</summary>
    public static void RunFor(MethodInfo test)
    {
        Started.Add((test.ReflectedType!, test.Name));
        var number = Number(test);
        var required = test.ReflectedType!.GetCustomAttributes<RequiresAttribute>().Where(one => number >= one.From && number <= one.To);
        foreach (var prerequisite in required.Select(one => one.Number).Order())
            foreach (var one in test.ReflectedType!.GetMethods().Where(method => Number(method) == prerequisite && method.GetParameters().Length == 0))
                if (!Started.Contains((one.ReflectedType!, one.Name)))
                    Run(one);
    }

    private static void Run(MethodInfo test)
    {
        RunFor(test);
        var instance = Activator.CreateInstance(test.ReflectedType!);
        Task.Run(() => test.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, null, null) as Task ?? Task.CompletedTask).GetAwaiter().GetResult();
    }

    private static int? Number(MethodInfo method) => method.GetCustomAttribute<OrderAttribute>()?.Number;
}
